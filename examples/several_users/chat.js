const partner = Number(new URLSearchParams(location.search).get("with"));
const typing = document.getElementById("typing");

// From the back end: a message, stored and sent to those who take part in the chat.
BX.addCustomEvent("onPullEvent-im", (command, params) => {
  if (command !== "message") return;
  const item = document.createElement("li");
  item.textContent = `${params.name}: ${params.text}`;
  document.getElementById("messages").append(item);
  typing.textContent = "";
});

// From the partner's page, past the back end.
BX.addCustomEvent("onPullClientEvent-im", (command, params) => {
  if (command === "startWriting") typing.textContent = `User ${params.user} is typing`;
});

document.getElementById("text").addEventListener("input", () => {
  BX.PULL.sendMessage([partner], "im", "startWriting", { user: Number(BX.message("USER_ID")) });
});
