import type { Win } from "../../bx/types";
import type { ConsoleParts } from "../create";
import type { PageBx } from "../handlers";
import { createPanel } from "./panel";
import { TAG } from "./tag";

/** Makes `<bx-pull-console>` known to the page, unless it has one. */
export function definePanel(win: Win, BX: PageBx, parts: ConsoleParts): void {
  const { customElements, HTMLElement } = win;
  // No browser's window has none; that of a test without a page has.
  if (!customElements || customElements.get(TAG)) return;
  class PanelElement extends HTMLElement {
    declare _end: () => void;

    connectedCallback(): void {
      this._end = createPanel(this.shadowRoot || this.attachShadow({ mode: "open" }), win, BX, parts);
    }
    disconnectedCallback(): void {
      this._end();
    }
  }
  customElements.define(TAG, PanelElement);
}
