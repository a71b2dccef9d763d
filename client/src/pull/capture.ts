import type { PullEvent } from "../codec/types";
import type { Env } from "../env";
import type { EventKind } from "./dispatch";
import type { StorageManager } from "./storage";

const LOGGING_KEY = "bx-pull-logging-enabled";
const DAY_MS = 86_400_000;

/** What the client writes to the console, when asked. */
export interface Capture {
  /** Is every event written? */
  active: boolean;
  /** Writes an event, if events are captured. */
  event(kind: EventKind, event: PullEvent): void;
  /** Warns once about a per-module handler that expects the arguments of `onPullEvent`. */
  checkHandler(name: string, handler: object): void;
  /** Switches the connection log, remembered for a day. */
  setLogging(on: boolean): void;
  /** Writes a line to the connection log, if it is on. Never pass a secret. */
  log(message: string): void;
}

// The parameter list of functions, methods and arrow functions begins the same way.
const MODULE_ID_FIRST = /^[^(=]*\(?\s*module_?id\b/i;

const captureTitle = (kind: EventKind, moduleId: string) =>
  kind === "server"
    ? ["onPullEvent", moduleId]
    : [kind === "client" ? `onPullClientEvent-${moduleId}` : "onPullOnlineEvent"];

export function createCapture(env: Env, storage: StorageManager): Capture {
  let logging = storage.get(LOGGING_KEY, 0) > env.now();
  const checked = new WeakSet<object>();

  const capture: Capture = {
    active: false,
    event(kind, { module_id, command, params, extra }) {
      if (capture.active) env.print("info", ...captureTitle(kind, module_id), command, params, extra);
    },
    checkHandler(name, handler) {
      if (!(capture.active || logging) || !name.startsWith("onPullEvent-") || checked.has(handler)) return;
      checked.add(handler);
      if (MODULE_ID_FIRST.test(Function.prototype.toString.call(handler))) {
        env.print(
          "warn",
          `${name} passes (command, params, extra), but a handler expects (module_id, command, params) as of onPullEvent`,
        );
      }
    },
    setLogging(on) {
      logging = on;
      storage.set(LOGGING_KEY, on ? env.now() + DAY_MS : 0);
    },
    log(message) {
      if (logging) env.print("log", `${new Date(env.now()).toISOString()} ${message}`);
    },
  };
  return capture;
}
