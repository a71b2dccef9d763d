import type { Env } from "../env";
import { isLater } from "../position";
import { ABNORMAL_CLOSURE, NORMAL_CLOSURE } from "../transport/close-codes";
import type { OpenTransport, Target, Transport } from "../transport/types";
import { type Answers, createAnswers, PING } from "./answers";
import type { Join, ToTab } from "./messages";
import { createRing } from "./ring";

/** One client of one page. */
export interface Tab {
  post_(message: ToTab): void;
  /** A position that the tab has passed, if it has one. */
  mid_: string;
}

/** A tab without a position, until a member has said what is one. */
interface Newcomer {
  wish_: Join;
  /** The last frame when it came: it gets nothing older. */
  after_: number;
  /** How often it has said that it is there. */
  beats_: number;
}

/** One socket, open or opening. */
interface Line {
  id_: string;
  /** The position with which it was opened. */
  mid_: string;
  /** The server's history that it is of. */
  history_: string;
  /** Number of the last frame before its first. */
  start_: number;
  answers_: Answers;
  /** Who gets what it brings once it is open, with what they asked for. */
  waiting_: Map<Tab, Join>;
  transport_: Transport;
}

/** What the tabs with one key share. */
export interface Stream {
  join_(tab: Tab, join: Join): void;
  leave_(tab: Tab, code?: number, reason?: string): void;
  send_(socket: string, data: string | Uint8Array): void;
  here_(tab: Tab, mid: string, frame: number, told: string, history: string): void;
  /** Nobody is there any more. */
  isIdle_(): boolean;
}

/** A call after which the server tells all tabs of this connection less, as they asked for each by itself. */
const ENDS_FOR_ALL = '"unsubscribeStatusChange"';
/** The beat with which a newcomer waits no more: nobody has answered, they may be frozen. */
const LAST_BEAT = 2;

/** The earlier of two positions; empty is none. */
const earlier = (mid: string, other: string) => (!mid || (other && isLater(mid, other)) ? other : mid);

/** Whether a line was opened from this position. */
const isAt = (line: Line, mid: string, history: string) => mid === line.mid_ && history === line.history_;

const withMid = (url: string, mid: string) =>
  mid ? `${url}${url.includes("?") ? "&" : "?"}mid=${mid}` : url;

/**
 * Keeps one socket for all its tabs. A tab that was somewhere else in the stream gets what it misses out of the last
 * frames, or by a new socket that takes the place of the one there is. That one is opened from a position which all
 * tabs have passed, so that nobody misses anything; what comes twice they know by its id. A tab that was nowhere is
 * online once another one has said where they are: so what was lost before is not its business, and what is lost later
 * it can tell.
 */
export function createStream(env: Env, openSocket: OpenTransport): Stream {
  const id = String(env.Math.random());
  const ring = createRing();
  const members = new Set<Tab>();
  const newcomers = new Map<Tab, Newcomer>();
  const opening = new Set<Line>();
  let current: Line | undefined;
  let lines = 0;
  // The server's history that the members are in.
  let epoch = "";

  /** The earliest position of the members and, if given, another one. */
  function floor(mid = ""): string {
    let earliest = mid;
    for (const member of members) earliest = earlier(earliest, member.mid_);
    return earliest;
  }

  function admit(tab: Tab, line: Line, after: number): void {
    members.add(tab);
    tab.post_(["open", [id, after], line.id_]);
    for (const [number, frame] of ring.after_(after)) tab.post_(["frame", number, frame]);
  }

  /** Lets in who has waited to hear of a position: they are there once they have taken that frame. */
  function welcome(tab: Tab, mid: string, frame: number): void {
    newcomers.delete(tab);
    tab.mid_ = mid;
    if (mid) tab.post_(["position", mid, epoch]);
    admit(tab, current as Line, frame);
  }

  /** The number of the frame after which the stream goes on for this tab, if what it misses is here. */
  function place(line: Line, { left, cursor, mid, history }: Join): number | undefined {
    if (left === line.id_) return undefined;
    if (cursor && cursor[0] === id && ring.covers_(cursor[1])) return cursor[1];
    // Only then is what the server said of its history true for this tab, too.
    if (isAt(line, mid, history) && mid && ring.covers_(line.start_)) return line.start_;
    return undefined;
  }

  function join(tab: Tab, wish: Join): void {
    const { left, mid, history } = wish;
    if (current) {
      const after = place(current, wish);
      if (after !== undefined) {
        admit(tab, current, after);
        return;
      }
      if (!mid && left !== current.id_) {
        newcomers.set(tab, { wish_: wish, after_: ring.last_, beats_: 0 });
        for (const member of members) member.post_(["ask"]);
        return;
      }
    }
    let line = [...opening].find((other) => other.id_ !== left && (!mid || isAt(other, mid, history)));
    line ||= open(wish);
    if (line) line.waiting_.set(tab, wish);
    else tab.post_(["close", ABNORMAL_CLOSURE, "no WebSocket"]);
  }

  function open({ bare, url, mid, history, binary, pings, tells }: Join): Line | undefined {
    const from = floor(mid);
    const first = members.size ? withMid(bare, from) : url;
    const target: Target = {
      socket_: url,
      poll_: undefined,
      binary_: binary,
      hasPings_: pings,
      tells_: tells,
      lastUrl_: "",
      // Asked again when a fresh socket is to take the place of a silent one.
      url_() {
        if (line !== current) return first;
        const at = floor() || from;
        // The tabs have anchors of their own, and come back with them.
        if (!at) throw at;
        return withMid(bare, at);
      },
    };
    const line = {
      id_: `${id}.${++lines}`,
      mid_: from,
      history_: history,
      answers_: createAnswers(),
      waiting_: new Map<Tab, Join>(),
    } as Line;
    opening.add(line);
    try {
      line.transport_ = openSocket(target, {
        onOpen_: () => opened(line),
        onMessage_(frame) {
          line.answers_.heard_(frame);
          const number = ring.push_(frame, frame !== PING);
          for (const member of members) member.post_(["frame", number, frame]);
          return true;
        },
        onClose_: (code, reason) => closed(line, code, reason),
      });
      return line;
    } catch {
      opening.delete(line);
      return undefined;
    }
  }

  function opened(line: Line): void {
    const waiting = line.waiting_;
    opening.delete(line);
    line.waiting_ = new Map();
    const old = current;
    const earliest = floor();
    if (old && old !== line && earliest && line.mid_ !== earliest && isLater(line.mid_, earliest)) {
      // Someone came meanwhile who needs more than it brings.
      line.transport_.close_(NORMAL_CLOSURE);
      for (const entry of waiting) join(...entry);
      return;
    }
    if (old !== line) {
      line.start_ = ring.last_;
      current = line;
      if (old) old.transport_.close_(NORMAL_CLOSURE, "replaced");
    }
    for (const member of members) member.post_(["open", [id, ring.last_], line.id_]);
    for (const [tab] of waiting) admit(tab, line, ring.last_);
  }

  function closed(line: Line, code: number, reason: string): void {
    opening.delete(line);
    const told = line === current ? [...members, ...newcomers.keys()] : [...line.waiting_.keys()];
    if (line === current) forget();
    for (const tab of told) tab.post_(["close", code, reason]);
  }

  function forget(): void {
    current = undefined;
    epoch = "";
    members.clear();
    newcomers.clear();
    ring.cut_();
  }

  return {
    join_: join,
    leave_(tab, code, reason) {
      for (const line of opening) {
        if (line.waiting_.delete(tab) && !line.waiting_.size) {
          opening.delete(line);
          line.transport_.close_(code, reason);
        }
      }
      newcomers.delete(tab);
      if (members.delete(tab) && !members.size && current) {
        const waiting = [...newcomers];
        current.transport_.close_(code, reason);
        forget();
        for (const [newcomer, { wish_ }] of waiting) join(newcomer, wish_);
      }
    },
    send_(socket, data) {
      if (!current) return;
      const { answers_: answers, id_, transport_: transport } = current;
      if (answers.isAnswer_(data) && !(id_ === socket && answers.isNew_(data))) return;
      (transport.send_ as (data: unknown) => void)(data);
      if (typeof data === "string" && data.includes(ENDS_FOR_ALL)) {
        for (const member of members) member.post_(["open", [id, ring.last_], id_]);
      }
    },
    here_(tab, mid, frame, told, history) {
      const newcomer = newcomers.get(tab);
      if (newcomer) {
        // Not later than where it begins: better than none.
        if (++newcomer.beats_ === LAST_BEAT) welcome(tab, floor(), ring.last_);
      } else if (members.has(tab)) {
        tab.mid_ = mid || tab.mid_;
        epoch = history;
        // A gap leaves the position where it is; to newcomers it is the past.
        const begin = told > mid ? told : mid;
        for (const [other, { after_ }] of newcomers) {
          if (frame >= after_ && ring.covers_(frame)) welcome(other, begin, frame);
        }
      }
    },
    isIdle_: () => !members.size && !opening.size,
  };
}
