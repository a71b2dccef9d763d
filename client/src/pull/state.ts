import { reportError } from "../bx/report";
import type { Env } from "../env";
import { redact } from "../redact";

/** What the client is doing about its connection; docs/client.md has every transition. */
export type StateName =
  | "stopped"
  | "connecting"
  | "connected"
  | "waiting"
  | "disconnected"
  | "suspended"
  | "destroyed";

/**
 * What is known of the events that came while there was no connection: there was no position to resume from; the
 * server does not say whether it had all of them; it had; it had not, and `onPullGap` told which.
 */
export type ResumeName = "fresh" | "unknown" | "recovered" | "gap";

/** The state in full. Times are milliseconds of the page's clock. */
export interface PullState {
  state: StateName;
  /** What led here, for people and logs; no secrets. */
  reason: string;
  /** When it began. */
  since: number;
  /** When the next try is due; 0 when none is. */
  retryAt: number;
  /** Tries that failed since the last good connection. */
  attempt: number;
  resume: ResumeName;
}

/** Told of the state, now and at every change. */
export type StateCallback = (state: PullState) => unknown;

export interface StateReporter {
  readonly current_: PullState;
  /** Changes the state and tells everyone. */
  set_(state: StateName, reason?: string, retryAt?: number): void;
  resume_(resume: ResumeName): unknown;
  /** Calls back now and at every change; returns the function that ends it. */
  on_(callback: StateCallback): () => void;
}

/** @param failures - tries that failed since the last good connection */
export function createState(env: Env, failures: () => number): StateReporter {
  const callbacks = new Set<StateCallback>();

  function tell(callback: StateCallback): void {
    try {
      callback({ ...self.current_ });
    } catch (error) {
      reportError(env, error, "onState() threw");
    }
  }

  function change(values: Partial<PullState>): void {
    self.current_ = { ...self.current_, ...values };
    callbacks.forEach(tell);
  }

  const self: { -readonly [K in keyof StateReporter]: StateReporter[K] } = {
    current_: {
      state: "stopped",
      reason: "not started",
      since: env.Date.now(),
      retryAt: 0,
      attempt: 0,
      resume: "fresh",
    },
    set_: (state, reason = self.current_.reason, retryAt = 0) =>
      change({ state, reason: redact(reason), since: env.Date.now(), retryAt, attempt: failures() }),
    resume_: (resume) => resume === self.current_.resume || change({ resume }),
    on_(callback) {
      // One of its own: the same function may be given twice.
      const own: StateCallback = (state) => callback(state);
      callbacks.add(own);
      tell(own);
      return () => void callbacks.delete(own);
    },
  };
  return self;
}
