import type { Codec } from "../codec/types";
import type { Env } from "../env";
import type { ConfigStore } from "./config-store";
import type { Dispatcher } from "./dispatch";
import type { Session } from "./session";
import type { Obey } from "./system";

/** Presence older than this says nothing about now. */
const ONLINE_MAX_AGE_S = 240;
const FROM_CLIENT = 1;

/**
 * Makes a frame's way: codec → session (position, duplicate?) → system command or handlers.
 *
 * @param checkRevision - false when the server's API revision ends the connection
 */
export function createReceiver(
  env: Env,
  session: Session,
  dispatcher: Dispatcher,
  configs: ConfigStore,
  obey: Obey,
  log: (message: string) => void,
  checkRevision: (revision: unknown) => boolean,
): (data: string | ArrayBuffer, codec: Codec) => void {
  return (data, codec) => {
    for (const envelope of codec.decode_(data, (message) => env.print_("warn", message))) {
      const { event_: event, sender_: sender } = envelope;
      if (!session.accept_(envelope)) {
        log(`${envelope.mid} came again`);
      } else if (event) {
        const { module_id, command, params, extra } = event;
        const sent = Number(extra.server_time_unix) || Infinity;
        const age = Math.max(0, env.now_() / 1000 - sent - configs.timeShift_);
        extra.server_time_ago = age;
        if (sender) extra.sender = sender;
        const byClient = sender && sender.type === FROM_CLIENT;
        // The handlers own the event once they have it.
        const { revision_web } = extra;
        if (module_id === "online") {
          if (age < ONLINE_MAX_AGE_S) dispatcher.deliver_("online", event);
        } else if (module_id !== "pull") {
          dispatcher.deliver_(byClient ? "client" : "server", event);
        } else if (!byClient) {
          obey(command, params);
        }
        if (!checkRevision(revision_web)) return;
      }
    }
  };
}
