import { print, reportError } from "./bx/report";
import type { Env } from "./env";

/** The browser as the client's surroundings. Looks nothing up before it is needed, so that pages may patch. */
export function browserEnv(win: Window & typeof globalThis): Env {
  return {
    now_: () => Date.now(),
    after_(ms, fn) {
      const id = win.setTimeout(fn, ms);
      return () => win.clearTimeout(id);
    },
    random_: Math.random,
    openSocket_: win.WebSocket && ((url) => new win.WebSocket(url)),
    fetch_: (url, init) => win.fetch(url, init),
    localStorage_: () => win.localStorage,
    sessionStorage_: () => win.sessionStorage,
    // "visibilitychange" is the document's, and bubbles.
    listen_(type, fn) {
      win.addEventListener(type, fn);
      return () => win.removeEventListener(type, fn);
    },
    isOnline_: () => win.navigator.onLine,
    isVisible_: () => !win.document.hidden,
    isSecure_: () => win.location.protocol === "https:",
    print_: print.bind(null, win),
    report_: reportError.bind(null, win),
  };
}
