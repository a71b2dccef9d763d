const unread = document.getElementById("unread");

BX.addCustomEvent("onPullEvent-im", function countUnread(command, params) {
  if (command === "message") unread.textContent = Number(unread.textContent) + 1;
  if (command === "readAll") unread.textContent = 0;
  if (command === "counter") unread.textContent = params.unread;
});
