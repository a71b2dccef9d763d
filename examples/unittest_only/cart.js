BX.addCustomEvent("onPullEvent-sale", (command, params) => {
  if (command !== "basketChange") return;
  if (params.sum < 0) throw new RangeError(`a basket cannot cost ${params.sum}`);
  document.getElementById("sum").textContent = params.sum;
});
