const bell = document.getElementById("bell");

BX.addCustomEvent("onPullEvent-im", function ring(command) {
  if (command === "notify") bell.textContent = Number(bell.textContent) + 1;
});

bell.addEventListener("click", () => {
  bell.textContent = 0;
});
