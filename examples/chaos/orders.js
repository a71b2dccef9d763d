const orders = document.getElementById("orders");

function add(title) {
  const item = document.createElement("li");
  item.textContent = title;
  orders.append(item);
}

BX.addCustomEvent("onPullEvent-sale", (command, params) => {
  if (command === "orderAdd") add(params.title);
});

// The server no longer has what was missed: load everything again. Events wait until that is done.
BX.PULL.onStateReload(async () => {
  const answer = await fetch("/orders.json");
  orders.replaceChildren();
  for (const title of await answer.json()) add(title);
});
