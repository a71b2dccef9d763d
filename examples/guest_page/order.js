BX.addCustomEvent("onPullEvent-sale", (command, params) => {
  if (command === "orderStatus") document.getElementById("status").textContent = params.status;
});
