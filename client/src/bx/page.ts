import { getOwn, isObject, setOwn } from "../values";
import { reportError } from "./report";
import type { BxGlobal, Win } from "./types";

/** The helpers of `BX` that need the page, not the event core. */
export type PageHelpers = Pick<BxGlobal, "ready" | "namespace" | "bitrix_sessid" | "debug" | "debugEnable">;

/** Makes the helpers of one page. */
export function createPageHelpers(win: Win, BX: BxGlobal): PageHelpers {
  return {
    ready(handler) {
      const run = () => {
        try {
          handler();
        } catch (error) {
          reportError(win, error, "BX.ready() threw");
        }
      };
      // The state "interactive" does not tell: deferred scripts run in it, and before the event. Clocks of tests put
      // a performance without times in the place of the page's.
      if (win.performance.timing.domContentLoadedEventStart || win.document.readyState === "complete") run();
      else win.addEventListener("DOMContentLoaded", run);
    },
    namespace(path) {
      let place: Record<string, unknown> = BX;
      for (const name of path.replace(/^BX(\.|$)/, "").split(".")) {
        if (!name) continue;
        if (!isObject(getOwn(place, name))) setOwn(place, name, {});
        place = place[name] as Record<string, unknown>;
      }
      return place;
    },
    bitrix_sessid: () => (BX.message.bitrix_sessid || "") as string,
    debugEnable(flag = true) {
      BX.debugStatus = flag;
    },
    debug(...args) {
      if (BX.debugStatus) win.console.log(...args);
    },
  };
}
