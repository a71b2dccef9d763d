const bell = document.getElementById("bell");
document.getElementById("greeting").textContent = BX.message("GREETING");

function ring(command) {
  if (command === "notify") bell.textContent = Number(bell.textContent) + 1;
}

BX.addCustomEvent("onPullEvent-im", ring);
bell.addEventListener("click", () => {
  BX.removeCustomEvent("onPullEvent-im", ring);
  bell.textContent = "muted";
});

BX.PULL.start();
