import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import type { EventKind } from "./dispatch";
import type { StorageManager } from "./storage";

const LOGGING_KEY = "bx-pull-logging-enabled";
const DAY_MS = 86_400_000;

/** What the client writes to the console, when asked. */
export interface Capture {
  /** Are events being captured? */
  active(): boolean;
  /** Switches the capture of events; the default of `BX.PULL.capturePullEvent()` is on. */
  setActive(on: boolean): void;
  /** Writes an event, if events are captured. */
  event(kind: EventKind, event: PullEvent): void;
  /** Warns once about a per-module handler that expects the arguments of `onPullEvent`. */
  checkHandler(name: string, handler: unknown): void;
  /** Switches the connection log, remembered for a day. */
  setLogging(on: boolean): void;
  /** Writes a line to the connection log, if it is on. Never pass a secret. */
  log(message: string): void;
}

// The parameter list of functions, methods and arrow functions begins the same way.
const MODULE_ID_FIRST = /^[^(=]*\(?\s*(module_?id)\b/i;

export function createCapture(env: Env, storage: StorageManager): Capture {
  let capturing = false;
  let logging = storage.get(LOGGING_KEY, 0) > env.now();
  const checked = new WeakSet<object>();

  return {
    active: () => capturing,
    setActive(on) {
      capturing = on;
    },
    event(kind, { module_id, command, params, extra }) {
      if (!capturing) return;
      if (kind === "server") env.print("info", "onPullEvent", module_id, command, params, extra);
      else if (kind === "online") env.print("info", "onPullOnlineEvent", command, params, extra);
      else env.print("info", `onPullClientEvent-${module_id}`, command, params, extra);
    },
    checkHandler(name, handler) {
      if (!(capturing || logging) || !name.startsWith("onPullEvent-") || typeof handler !== "function")
        return;
      if (checked.has(handler)) return;
      checked.add(handler);
      const named = MODULE_ID_FIRST.exec(Function.prototype.toString.call(handler));
      if (named) {
        env.print(
          "warn",
          `[bxpull] a handler of ${name} names its first parameter "${named[1]}", but handlers of one module get ` +
            "(command, params, extra); (module_id, command, params, extra) is what onPullEvent passes",
        );
      }
    },
    setLogging(on) {
      logging = on;
      if (on) storage.set(LOGGING_KEY, env.now() + DAY_MS);
      else storage.remove(LOGGING_KEY);
    },
    log(message) {
      if (logging) env.print("log", `[bxpull] ${new Date(env.now()).toISOString()} ${message}`);
    },
  };
}
