const bell = document.getElementById("bell");

BX.addCustomEvent("onPullEvent-im", (command, params) => {
  if (command === "notify") bell.textContent = Number(bell.textContent) + 1;
  // Read here or in another tab: the back end tells them all.
  if (command === "notifyRead") bell.textContent = params.unread;
});

bell.addEventListener("click", () => fetch("/notifications/read", { method: "POST" }));
