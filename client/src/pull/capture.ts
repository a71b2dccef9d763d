import { print } from "../bx/report";
import type { Env } from "../env";
import { quietly } from "../quietly";
import { LOGGING_KEY } from "../storage-keys";
import type { StorageManager } from "./storage";

const DAY_MS = 86_400_000;

/** What the client writes to the console, when asked. */
export interface Capture {
  /** Is every event written? */
  active_: boolean;
  /** Warns once about a per-module handler that expects the arguments of `onPullEvent`. */
  checkHandler_(name: string, handler: object): void;
  /** Takes up what an earlier page switched. */
  restore_(): void;
  /** Switches the connection log, remembered for a day. */
  setLogging_(on?: boolean): void;
  /** Writes a line to the connection log, if it is on. */
  log_(message: string): void;
}

// The parameter list of functions, methods and arrow functions begins the same way.
const MODULE_ID_FIRST = /^[^(=]*\(?\s*module_?id\b/i;

export function createCapture(env: Env, storage: StorageManager): Capture {
  let logging = false;
  const checked = new WeakSet<object>();

  const capture: Capture = {
    active_: false,
    checkHandler_(name, handler) {
      if (!(capture.active_ || logging) || !name.startsWith("onPullEvent-") || checked.has(handler)) return;
      checked.add(handler);
      if (quietly(() => MODULE_ID_FIRST.test(handler as unknown as string))) {
        print(env, "warn", `${name} gives (command, params, extra)`);
      }
    },
    restore_() {
      logging ||= storage.get<number>(LOGGING_KEY, 0) > env.Date.now();
    },
    setLogging_(on = true) {
      logging = on;
      storage.set(LOGGING_KEY, on && env.Date.now() + DAY_MS);
    },
    log_(message) {
      if (logging) print(env, "log", `${new Date(env.Date.now()).toISOString()} ${message}`);
    },
  };
  return capture;
}
