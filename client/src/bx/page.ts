import { getOwn, isObject, setOwn } from "./own";
import { print, reportError } from "./report";
import type { BxGlobal, Win } from "./types";

/** The helpers of `BX` that need the page, not the event core. */
export type PageHelpers = Pick<
  BxGlobal,
  "ready" | "namespace" | "bitrix_sessid" | "debug" | "debugEnable" | "debugStatus"
>;

/** Makes the helpers of one page. */
export function createPageHelpers(win: Win, BX: BxGlobal): PageHelpers {
  return {
    ready(handler) {
      const run = () => {
        try {
          handler();
        } catch (error) {
          reportError(win, error, "a function given to BX.ready threw");
        }
      };
      if (isParsed(win)) run();
      else win.document.addEventListener("DOMContentLoaded", run, { once: true });
    },
    namespace(path) {
      let place: object = BX;
      for (const name of String(path)
        .replace(/^BX(\.|$)/, "")
        .split(".")) {
        if (!name) continue;
        if (!isObject(getOwn(place, name))) setOwn(place, name, {});
        place = getOwn(place, name) as object;
      }
      return place as Record<string, unknown>;
    },
    bitrix_sessid: () => String((isObject(BX.message) && BX.message.bitrix_sessid) || ""),
    debugStatus: false,
    debugEnable(flag = true) {
      BX.debugStatus = flag;
    },
    debug(...args) {
      if (BX.debugStatus) print(win, "log", ...args);
    },
  };
}

/**
 * True once DOMContentLoaded has begun. "interactive" alone is not enough: deferred scripts run before the
 * event, and one of them may still be on its way with handlers that must be there when the client starts.
 */
function isParsed(win: Win): boolean {
  const { readyState } = win.document;
  if (readyState !== "interactive") return readyState === "complete";
  const { timing } = win.performance || {};
  return !timing || timing.domContentLoadedEventStart > 0;
}
