import { print, reportError } from "./bx/report";
import type { Env } from "./env";
import { quietly } from "./quietly";

/** The browser as the client's surroundings. Looks nothing up before it is needed, so that pages may patch. */
export function browserEnv(win: Window & typeof globalThis): Env {
  return {
    now: () => Date.now(),
    after(ms, fn) {
      const id = win.setTimeout(fn, ms);
      return () => win.clearTimeout(id);
    },
    random: Math.random,
    openSocket: win.WebSocket && ((url) => new win.WebSocket(url)),
    fetch: (url, init) => win.fetch(url, init),
    localStorage: quietly(() => win.localStorage, null),
    sessionStorage: quietly(() => win.sessionStorage, null),
    listen(type, fn) {
      const target = type === "visibilitychange" ? win.document : win;
      target.addEventListener(type, fn);
      return () => target.removeEventListener(type, fn);
    },
    isOnline: () => win.navigator.onLine !== false,
    isVisible: () => win.document.visibilityState !== "hidden",
    isSecure: () => win.location.protocol === "https:",
    print: (level, ...args) => print(win, level, ...args),
    report: (error, what) => reportError(win, error, what),
  };
}
