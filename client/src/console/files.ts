/** How long a browser may take to get at what it is to save; Safari looks late. */
const KEPT_MS = 10_000;

/** Saves a text as a file, as a click on a link would. */
export function saveFile(win: Window, name: string, text: string): void {
  const link = win.document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  link.download = name;
  link.click();
  win.setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
