const orders = document.getElementById("orders");

function add({ id, title }) {
  // An order that was loaded may come as an event, too.
  if (document.getElementById(`order-${id}`)) return;
  const item = document.createElement("li");
  item.id = `order-${id}`;
  item.textContent = title;
  orders.append(item);
}

BX.addCustomEvent("onPullEvent-sale", (command, params) => {
  if (command === "orderAdd") add(params);
});

// The server no longer has what was missed: load everything again. Events wait until that is done.
BX.PULL.onStateReload(async () => {
  const answer = await fetch("/orders.json");
  orders.replaceChildren();
  for (const order of await answer.json()) add(order);
});
