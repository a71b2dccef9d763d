import type { Envelope, Frame, Warn } from "../codec/types";
import type { Env } from "../env";
import type { Peer } from "../protocols/types";
import type { Scope } from "../scope";
import type { ConfigStore } from "./config-store";
import type { Dispatcher } from "./dispatch";
import type { ResolvedOptions } from "./options";
import type { Session } from "./session";
import type { Obey } from "./system";

/** Presence older than this says nothing about now. */
const ONLINE_MAX_AGE_S = 240;
/**
 * Frames that begin with more messages most often hold what was missed, with more to come. They are confirmed so much
 * later: a browser that sends keeps waiting what comes, and sending takes it longer than handling.
 */
const FEW = 99;
const CONFIRM_MS = 1000;
const FROM_CLIENT = 1;
const FROM_BACK_END = 2;

/** Reads on in a frame, or handles one of its messages; returns whether there is more to do. */
type Step = () => unknown;

type Acknowledge = NonNullable<Peer["acknowledge_"]>;

/** The way of messages from frames to handlers. */
export interface Receiver {
  /**
   * Takes a frame's messages: at once, but a burst of them in turns with the page.
   *
   * @param peer - who reads it
   * @param isMixed - within the frame they may be in any order, which this server keeps across frames
   * @returns whether there is something in it
   */
  receive_(frame: Frame, peer: Peer, isMixed: unknown): boolean;
  /** Lets what comes wait until the promise has settled. */
  pause_(until: Promise<unknown>): void;
  /**
   * The connection has ended: what still waits comes again with the next one. Only a server that keeps no order may
   * leave some of it out, so that all of it is handled, while the client runs.
   */
  forget_(): void;
}

/**
 * Makes the way of a frame's messages: session (position, duplicate?) → system command or handlers.
 *
 * @param limits - how long events may be handled in one go
 * @param checkRevision - false when nothing more of the frame may be handled
 */
export function createReceiver(
  env: Env,
  scope: Scope,
  limits: Pick<ResolvedOptions, "maxTaskTime">,
  session: Session,
  dispatcher: Dispatcher,
  configs: ConfigStore,
  obey: Obey,
  log: (message: string) => void,
  warn: Warn,
  checkRevision: (revision?: unknown) => boolean,
): Receiver {
  // What the messages wait for: a promise, or the end of the page's turn.
  let paused: unknown;
  let cancelTurn = () => {};
  // When handling without a break began, and the last look at the clock, which costs as much as much of the rest.
  let began = 0;
  let now = 0;
  let waiting: Step[] = [];
  // What waited, while it is handled: handlers may end the connection.
  let released: Step[] = [];

  /** False when nothing more of the frame may be handled. */
  function handle(envelope: Envelope): boolean {
    const { event_: event, sender_: sender } = envelope;
    if (!session.accept_(envelope)) {
      log(`again ${envelope.mid}`);
    } else if (event) {
      const { module_id, command, params, extra } = event;
      const { server_time_unix, revision_web } = extra;
      // Pages may have put anything there.
      const sent = (typeof server_time_unix !== "object" && +(server_time_unix as number)) || NaN;
      const age = Math.max(0, configs.serverNow_(now) / 1000 - sent);
      if (sender) extra.sender = sender;
      if (sent) extra.server_time_ago = age;
      const type = sender && +sender.type;
      const byClient = type === FROM_CLIENT;
      // Pages give no system commands, know no revision, and tell nobody who is online.
      const kind = byClient ? "client" : module_id === "online" ? module_id : "server";
      if (module_id !== "pull") {
        if (!(kind === "online" && age >= ONLINE_MAX_AGE_S)) dispatcher.deliver_(kind, event);
      } else if (!sender || type === FROM_BACK_END) {
        obey(command, params);
      } else {
        warn("ignored a foreign command");
      }
      return checkRevision(!byClient && revision_web);
    }
    return true;
  }

  function proceed(step: Step): void {
    let isMore: unknown;
    do {
      // It is the page's turn now; a hidden one needs none, and its timers are slow.
      if (!paused && now - began >= limits.maxTaskTime && !env.document.hidden)
        paused = cancelTurn = scope.after_(0, release);
      if (paused) {
        waiting.push(step);
        return;
      }
      isMore = step();
      now = env.Date.now();
    } while (isMore);
  }

  function release(): void {
    began = now = env.Date.now();
    paused = undefined;
    released = waiting;
    waiting = [];
    released.forEach(proceed);
    released = [];
  }

  session.isBusy_ = () => waiting[0] || released[0];

  return {
    receive_(frame, { receive_: decode, acknowledge_: acknowledge }, isMixed) {
      const before = now;
      now = env.Date.now();
      // Frames that follow each other closely may be of one task.
      if (Math.abs(now - before) > 1) began = now;
      const envelopes: Envelope[] = [];
      const read = decode(frame, envelopes);
      let isMore: boolean;
      let next = 0;
      const unconfirmed: string[] = [];
      // So far that it is known whether there is something.
      do isMore = read();
      while (isMore && !envelopes[0]);
      if (!envelopes[0]) return false;
      const isMany = envelopes.length > FEW;
      proceed(() => {
        // To its end first where only then all can be put in order.
        if (isMore && (isMixed || !envelopes[next])) {
          if (next) next = envelopes.length = 0;
          isMore = read();
          return true;
        }
        if (isMixed && !next) envelopes.sort((one, other) => +(one.mid > other.mid) - +(one.mid < other.mid));
        const envelope = envelopes[next++];
        if (envelope) {
          if (!handle(envelope)) return undefined;
          if (acknowledge && envelope.mid)
            if (isMany) unconfirmed.push(envelope.mid);
            else acknowledge(envelope.mid);
        }
        if (isMore || envelopes[next]) return true;
        if (unconfirmed[0])
          scope.after_(CONFIRM_MS, () => {
            // The clock may have been set meanwhile.
            began = 0;
            proceed(() => {
              (acknowledge as Acknowledge)(unconfirmed.shift() as string);
              return unconfirmed[0];
            });
          });
        return undefined;
      });
      return true;
    },
    pause_(until) {
      paused = until;
      until.finally(() => paused === until && release());
    },
    forget_() {
      if (session.isBusy_()) session.cursor_ = undefined;
      if (checkRevision()) return;
      waiting = [];
      released.length = 0;
      if (paused === cancelTurn) {
        cancelTurn();
        paused = undefined;
      }
    },
  };
}
