import type { Envelope, Warn } from "../codec/types";
import type { ConfigStore } from "./config-store";
import type { Dispatcher } from "./dispatch";
import type { Session } from "./session";
import type { Obey } from "./system";

/** Presence older than this says nothing about now. */
const ONLINE_MAX_AGE_S = 240;
const FROM_CLIENT = 1;
const FROM_BACK_END = 2;

type Acknowledge = ((mid: string) => void) | undefined;

/** The way of messages from frames to handlers. */
export interface Receiver {
  /** Takes a frame's messages. */
  receive_(envelopes: readonly Envelope[], acknowledge?: Acknowledge): void;
  /** Lets what comes wait until the promise has settled. */
  pause_(until: Promise<unknown>): void;
  /** The connection has ended: what still waits comes again with the next one. */
  forget_(): void;
}

/**
 * Makes the way of a frame's messages: session (position, duplicate?) → system command or handlers.
 *
 * @param checkRevision - false when nothing more of the frame may be handled
 */
export function createReceiver(
  session: Session,
  dispatcher: Dispatcher,
  configs: ConfigStore,
  obey: Obey,
  log: (message: string) => void,
  warn: Warn,
  checkRevision: (revision: unknown) => boolean,
): Receiver {
  let paused: unknown;
  let waiting: [readonly Envelope[], Acknowledge][] = [];
  // What waited, while it is handled: handlers may end the connection.
  let released: typeof waiting = [];

  /** False when nothing more of the frame may be handled. */
  function handle(envelope: Envelope): boolean {
    const { event_: event, sender_: sender } = envelope;
    if (!session.accept_(envelope)) {
      log(`message ${envelope.mid} again`);
    } else if (event) {
      const { module_id, command, params, extra } = event;
      const sent = Number(extra.server_time_unix) || NaN;
      const age = Math.max(0, configs.serverNow_() / 1000 - sent);
      if (sender) extra.sender = sender;
      if (sent) extra.server_time_ago = age;
      const type = sender && Number(sender.type);
      const byClient = type === FROM_CLIENT;
      // The handlers own the event once they have it.
      const { revision_web } = extra;
      // Pages give no system commands, know no revision, and tell nobody who is online.
      const kind = byClient ? "client" : module_id === "online" ? module_id : "server";
      if (module_id !== "pull") {
        if (kind !== "online" || !(age >= ONLINE_MAX_AGE_S)) dispatcher.deliver_(kind, event);
      } else if (!sender || type === FROM_BACK_END) {
        obey(command, params);
      } else {
        warn("ignored a system command that is not the back end's");
      }
      return checkRevision(!byClient && revision_web);
    }
    return true;
  }

  function receive(envelopes: readonly Envelope[], acknowledge: Acknowledge): void {
    for (let index = 0; index < envelopes.length; index++) {
      const envelope = envelopes[index] as Envelope;
      if (paused) {
        waiting.push([envelopes.slice(index), acknowledge]);
        return;
      }
      if (!handle(envelope)) return;
      if (acknowledge && envelope.mid) acknowledge(envelope.mid);
    }
  }

  return {
    receive_: receive,
    pause_(until) {
      paused = until;
      until.finally(() => {
        paused = undefined;
        released = waiting;
        waiting = [];
        for (const frame of released) receive(...frame);
        released = [];
      });
    },
    forget_() {
      if (waiting[0] || released[0]) session.cursor_ = undefined;
      waiting = [];
      released.length = 0;
    },
  };
}
