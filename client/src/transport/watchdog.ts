import type { Env } from "../env";
import { quietly } from "../quietly";
import { createScope, type Silence } from "../scope";
import { ABNORMAL_CLOSURE } from "./close-codes";
import type { OpenTransport, Transport } from "./types";

/** A connection that has been silent this long, up to a quarter more, may be dead without either side knowing. */
const SILENCE_MS = 48_000;
/** Up to that much sooner, so that all who heard the same event do not ask in one moment. */
const SPREAD_MS = 16_000;
/** How long the one that is to show it may take to open. */
const PROBE_MS = 15_000;

/**
 * Watches connections to servers that send nothing while there are no events: after a while of silence another one
 * is opened beside it, from the same position, and takes its place. If that does not open, the line is dead.
 */
export function watchdog(env: Env, openSocket: OpenTransport): OpenTransport {
  return (target, handlers) => {
    if (target.hasPings_) return openSocket(target, handlers);
    const timers = createScope(env);
    let probe: Transport | undefined;
    let silence: Silence | undefined;

    function calm(): void {
      timers.dispose_();
      if (probe) probe.close_();
      silence = probe = undefined;
    }

    function heard(): void {
      if (silence) {
        silence.heard_();
        return;
      }
      calm();
      silence = timers.silence_(SILENCE_MS - env.Math.random() * SPREAD_MS, ask);
    }

    function ask(): void {
      silence = undefined;
      timers.after_(PROBE_MS, fail);
      probe = quietly(connect);
      if (!probe) fail();
    }

    function fail(): void {
      close();
      handlers.onClose_(ABNORMAL_CLOSURE, "silent");
    }

    function close(code?: number, reason?: string): void {
      calm();
      current.close_(code, reason);
    }

    function connect(): Transport {
      const socket: Transport = openSocket(target, {
        onOpen_() {
          if (probe) {
            probe = undefined;
            current.close_();
            current = socket;
          }
          heard();
          handlers.onOpen_();
        },
        onMessage_(frame) {
          heard();
          return handlers.onMessage_(frame);
        },
        onClose_(code, reason) {
          if (current !== socket) return fail();
          calm();
          handlers.onClose_(code, reason);
        },
      });
      return socket;
    }

    let current = connect();
    return {
      send_: (data) => (current.send_ as (data: unknown) => void)(data),
      close_: close,
    };
  };
}
