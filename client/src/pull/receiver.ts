import type { Codec, Envelope, PullEvent } from "../codec/types";
import type { Env } from "../env";
import type { Dispatcher } from "./dispatch";
import type { Session } from "./session";
import { runSystemCommand, type SystemActions } from "./system";

/** Presence older than this says nothing about now. */
const ONLINE_MAX_AGE_S = 240;
const FROM_CLIENT = 1;

export interface ReceiverParts {
  env: Env;
  session: Session;
  dispatcher: Dispatcher;
  system: SystemActions;
  /** Whole seconds that this clock is ahead of the server's. */
  timeShift(): number;
  /** False when the server's API revision ends the connection. */
  checkRevision(revision: unknown): boolean;
}

/** A frame's way: codec → session (position, duplicate?) → system command or handlers. */
export function createReceiver(parts: ReceiverParts): (data: string | ArrayBuffer, codec: Codec) => void {
  const { env, session, dispatcher, system } = parts;

  /** Adds what only the client knows: who sent the event, and how long ago. */
  function stamp(event: PullEvent, { sender }: Envelope): number {
    const { extra } = event;
    const sent = Number(extra.server_time_unix) || 0;
    const age = sent ? Math.max(0, env.now() / 1000 - sent - parts.timeShift()) : 0;
    if (sender) extra.sender = sender;
    extra.server_time_ago = age;
    return age;
  }

  return (data, codec) => {
    for (const envelope of codec.decode(data, (message) => env.print("warn", `[bxpull] ${message}`))) {
      if (!session.accept(envelope)) {
        system.log(`message ${envelope.mid} came again; skipped`);
        continue;
      }
      const { event, sender } = envelope;
      if (!event) continue;
      const age = stamp(event, envelope);
      const byClient = sender?.type === FROM_CLIENT;
      if (event.module_id === "pull") {
        if (!byClient) runSystemCommand(event.command, event.params, system);
      } else if (event.module_id === "online") {
        if (age < ONLINE_MAX_AGE_S) dispatcher.deliver("online", event);
      } else {
        dispatcher.deliver(byClient ? "client" : "server", event);
      }
      if (!parts.checkRevision(event.extra.revision_web)) return;
    }
  };
}
