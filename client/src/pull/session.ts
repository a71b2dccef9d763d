import type { Envelope } from "../codec/types";
import { isLater, type Stream } from "../position";

/** Ids kept word for word, so that messages may overtake each other by that many; older ones are known by their order. */
const WINDOW = 1000;

/** Where this client is in the server's stream, and what it has seen. */
export interface Session extends Stream {
  /** Module → command → how many events came. */
  readonly history_: Record<string, Record<string, number>>;
  /** Moves the position; false when the message was here before. */
  accept_(envelope: Envelope): boolean;
  /** Continues from where another page of this tab stopped. */
  resume_(mid: string): void;
}

export function createSession(): Session {
  const seen = new Set<string>();
  const history: Session["history_"] = Object.create(null);
  // Everything up to here was seen or is too old to tell.
  let floor = "";

  const session: Session = {
    position_: { mid: "" },
    history_: history,
    accept_({ mid, tag, time, event_: event }) {
      if (mid) {
        // A server that forgot its messages begins anew.
        if (!session.position_.mid) floor = "";
        if (!isLater(mid, floor) || seen.has(mid)) return false;
        seen.add(mid);
        if (seen.size > WINDOW) {
          const [oldest] = seen as unknown as [string];
          seen.delete(oldest);
          if (isLater(oldest, floor)) floor = oldest;
        }
        if (isLater(mid, session.position_.mid)) session.position_ = { mid, tag, time };
      }
      if (event) {
        const { module_id, command } = event;
        history[module_id] ||= Object.create(null);
        const commands = history[module_id] as Record<string, number>;
        commands[command] = (commands[command] || 0) + 1;
      }
      return true;
    },
    resume_(mid) {
      session.position_.mid = mid;
      floor = mid;
    },
  };
  return session;
}
