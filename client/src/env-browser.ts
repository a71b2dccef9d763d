import { reportError } from "./bx/report";
import type { Env } from "./env";

const PAGE_EVENTS = ["visibilitychange"];

/** Storage access itself throws where a page may not use it. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

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
    localStorage: attempt(() => win.localStorage),
    sessionStorage: attempt(() => win.sessionStorage),
    listen(type, fn) {
      const target = PAGE_EVENTS.includes(type) ? win.document : win;
      target.addEventListener(type, fn);
      return () => target.removeEventListener(type, fn);
    },
    isOnline: () => win.navigator.onLine !== false,
    isVisible: () => win.document.visibilityState !== "hidden",
    isSecure: () => win.location.protocol === "https:",
    print(level, ...args) {
      attempt(() => win.console[level](...args));
    },
    report: (error, what) => reportError(win, error, what),
  };
}
