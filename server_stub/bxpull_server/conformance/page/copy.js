// The button that copies the result. Pages that came over plain HTTP from another machine have no clipboard API.

function select(area) {
  area.hidden = false;
  area.focus();
  area.select();
}

/** Lets the button copy this text. */
export function offerCopy(text) {
  const [button, area, said] = ["copy", "json", "copied"].map((id) => document.getElementById(id));
  area.value = text;
  button.disabled = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "Copied.";
    } catch (_) {
      select(area);
      said.textContent = document.execCommand("copy") ? "Copied." : "Copy the selected text yourself.";
    }
  });
}
