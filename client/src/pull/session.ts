import type { Envelope } from "../codec/types";
import type { Position } from "./config";

/** Ids kept word for word, so that messages may overtake each other by that many; older ones are known by their order. */
const WINDOW = 1000;

/** Where this client is in the server's stream, and what it has seen. */
export interface Session {
  position_: Position;
  /** Module → command → how many events came. */
  readonly history_: Record<string, Record<string, number>>;
  /** Moves the position; false when the message was here before. */
  accept_(envelope: Envelope): boolean;
  /** Continues from where another page of this tab stopped. */
  resume_(mid: string): void;
  /** The server's own position: from there unless this one is newer. Empty: the position is worth nothing any more. */
  moveTo_(mid: string | null): void;
}

export function createSession(): Session {
  const seen = new Set<string>();
  // Everything up to here was seen or is too old to tell.
  let floor = "";
  /** Ids of one length are in order; others (of other servers) cannot be compared. */
  const isAfter = (mid: string, other: string) => mid > other || mid.length !== other.length;

  const session: Session = {
    position_: { mid: "" },
    history_: Object.create(null),
    accept_({ mid, tag, time, event_: event }) {
      if (mid) {
        if (!isAfter(mid, floor) || seen.has(mid)) return false;
        seen.add(mid);
        if (seen.size > WINDOW) {
          const [oldest] = seen as unknown as [string];
          seen.delete(oldest);
          if (isAfter(oldest, floor)) floor = oldest;
        }
        if (isAfter(mid, session.position_.mid)) session.position_ = { mid, tag, time };
      }
      if (event) {
        const { module_id, command } = event;
        const commands = session.history_[module_id] || Object.create(null);
        session.history_[module_id] = commands;
        commands[command] = (commands[command] || 0) + 1;
      }
      return true;
    },
    moveTo_(mid) {
      const isNewer = mid && isAfter(mid, session.position_.mid);
      if (isNewer || mid === "") session.position_ = { mid };
    },
    resume_(mid) {
      session.position_.mid = mid;
      floor = mid;
    },
  };
  return session;
}
