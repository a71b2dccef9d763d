import type { Envelope } from "../codec/types";
import type { ConfigStore } from "./config-store";
import type { Dispatcher } from "./dispatch";
import type { Session } from "./session";
import type { Obey } from "./system";

/** Presence older than this says nothing about now. */
const ONLINE_MAX_AGE_S = 240;
const FROM_CLIENT = 1;

/**
 * Makes the way of a frame's messages: session (position, duplicate?) → system command or handlers.
 *
 * @param checkRevision - false when the server's API revision ends the connection
 */
export function createReceiver(
  session: Session,
  dispatcher: Dispatcher,
  configs: ConfigStore,
  obey: Obey,
  log: (message: string) => void,
  checkRevision: (revision: unknown) => boolean,
): (envelopes: readonly Envelope[], acknowledge?: (mid: string) => void) => void {
  return (envelopes, acknowledge) => {
    for (const envelope of envelopes) {
      const { event_: event, sender_: sender } = envelope;
      if (!session.accept_(envelope)) {
        log(`message ${envelope.mid} again`);
      } else if (event) {
        const { module_id, command, params, extra } = event;
        const sent = Number(extra.server_time_unix) || NaN;
        const age = Math.max(0, configs.serverNow_() / 1000 - sent);
        if (sender) extra.sender = sender;
        if (sent) extra.server_time_ago = age;
        const byClient = sender && sender.type === FROM_CLIENT;
        // The handlers own the event once they have it.
        const { revision_web } = extra;
        // Pages give no system commands, and tell nobody who is online.
        const kind = byClient ? "client" : module_id === "online" ? module_id : "server";
        if (module_id !== "pull") {
          if (kind !== "online" || !(age >= ONLINE_MAX_AGE_S)) dispatcher.deliver_(kind, event);
        } else if (!byClient) {
          obey(command, params);
        }
        if (!checkRevision(revision_web)) return;
      }
      if (acknowledge && envelope.mid) acknowledge(envelope.mid);
    }
  };
}
