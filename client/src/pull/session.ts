import type { Envelope } from "../codec/types";
import { isLater, type Stream } from "../position";

/**
 * Ids kept word for word, and as many or fewer before them, so that messages may overtake each other by that many;
 * older ones are known by their order.
 */
const WINDOW = 1000;

/** Events with `after` < mid ≤ `through` may be missing; those that the server still has follow. */
export interface Gap {
  after: string;
  through: string;
}

/** What a server that can tell says of its history: {@link Gap}. */
export interface Verdict {
  /** The mid that the connection resumes from, as the server was asked; "": it began anew. */
  asked: string;
  /** A mid that everything from now on is newer than. */
  position: string;
  /** The newest mid that is lost. */
  through: string;
  /** A mid that everything in this history is newer than, and by which it is known. */
  begin?: string;
}

/** Where this client is in the server's stream, and what it has seen. */
export interface Session extends Stream {
  /** Module → command → how many events came. */
  readonly history_: Record<string, Record<string, number>>;
  /** Moves the position; false when the message was here before. */
  accept_(envelope: Envelope): boolean;
  /** Takes in what the server says of its history; the gap, if it makes one that was not told yet. */
  judge_(verdict: Verdict): Gap | undefined;
}

/** Makes one, of which a receiver will know whether it {@link Stream.isBusy_ is busy}. */
export function createSession(): Session {
  // The ids of now, and those before them: dropping all is cheaper than dropping single ones.
  let seen: string[] = [];
  let before = seen;
  // All of them, once one has come that is not newer: usually each is, and need not be looked up.
  let known: Set<string> | undefined;
  // The latest of those before.
  let latestBefore = "";
  const history: Session["history_"] = Object.create(null);
  // Everything up to here was seen or is too old to tell.
  let floor = "";

  const session = {
    position_: { mid: "" },
    history_: history,
    anchor_: "",
    verdict_: "",
    begin_: "",
    told_: "",
    accept_({ mid, tag, time, event_: event }) {
      if (mid) {
        const { mid: latest } = session.position_;
        if (!isLater(mid, floor)) return false;
        if (known || (seen[0] && (mid <= latest || mid.length !== latest.length))) {
          known ||= new Set([...before, ...seen]);
          if (known.has(mid)) return false;
        }
        if (seen.length >= WINDOW) {
          floor = latestBefore || floor;
          before = seen;
          latestBefore = latest;
          seen = [];
          known = undefined;
        }
        seen.push(mid);
        if (known) known.add(mid);
        if (isLater(mid, latest)) session.position_ = { mid, tag, time };
      }
      // The server's word on its history, which has no mid, is no event.
      if (event && (mid || event.module_id !== "pull")) {
        const { module_id, command } = event;
        const commands = history[module_id] || Object.create(null);
        history[module_id] = commands;
        commands[command] = (commands[command] || 0) + 1;
      }
      return true;
    },
    resume_(mid) {
      session.position_ = { mid };
      session.anchor_ = session.told_ = "";
      // A server that forgot its messages begins anew.
      floor = mid;
      latestBefore = "";
    },
    judge_({ asked, position, through, begin = "" }) {
      const { mid } = session.position_;
      const isOther = begin && session.begin_ && begin !== session.begin_;
      // Its clock was put back with its history: it counts from there now. Not when it is older than what has come:
      // by another connection, which this one is to replace, newer ones may have.
      const anew = isOther && begin < mid ? begin : position < asked ? position : "";
      session.verdict_ = position;
      if (!mid || anew) {
        seen = before = [];
        known = undefined;
        session.resume_(anew || position);
      }
      session.begin_ = begin;
      const after = anew || mid > session.told_ ? mid : session.told_;
      const end = anew > through ? anew : through;
      if (!mid || !(anew || end > after)) return undefined;
      session.told_ = end;
      return { after, through: end };
    },
  } as Session;
  return session;
}
