// Events of module main, for the page's user and for everybody.
BX.addCustomEvent("onPullEvent-main", (command, params) => {
  const item = document.createElement("li");
  item.textContent = `${command} ${JSON.stringify(params)}`;
  document.getElementById("log").append(item);
});

// The connection: "connect", "online", and "offline" once it was away for 5 seconds.
BX.addCustomEvent("onPullStatus", (status) => {
  document.title = status;
});

BX.PULL.start().catch((error) => console.error(error.code, error.message));
