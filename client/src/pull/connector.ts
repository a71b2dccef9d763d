import type { Env } from "../env";
import { isFatal, type PullError } from "../errors";
import type { Scope } from "../scope";
import { backoffDelay } from "../transport/backoff";
import type { OpenTransport, Target, Transport, TransportHandlers } from "../transport/types";
import type { ResolvedOptions } from "./options";

/** An attempt that has not led to an open socket by then is given up. */
const OPEN_TIMEOUT_MS = 15_000;
/**
 * First upper bound of waits while no connection has come about. After a loss `minReconnectDelay` counts: a server
 * that restarts loses all its clients at once.
 */
const FIRST_DELAY_MS = 500;
/** A connection that lasted this long, or brought a message, was a good one: waits begin short again. */
const STABLE_MS = 5000;

export interface ConnectorEvents extends Omit<TransportHandlers, "onClose_"> {
  /** Where to connect, and what has led to it; may load a configuration first. A PullError that is not transient ends the attempts. */
  prepare_(why: string): Promise<Target>;
  /**
   * The connection has ended, by the server or the network if there is a `code`, else by this side.
   *
   * @param wasLost - it was open before it ended by itself
   */
  onEnd_(code?: number, reason?: string, wasLost?: boolean): void;
  /** A try failed, or the connection, or it is to pause; the next try is `delayMs` away. */
  onRetry_(why: string, delayMs: number): void;
  /** Connecting is pointless: `prepare_` said so. */
  onFatal_(error: PullError): void;
}

/** Keeps one connection open, or tries to, until told to stop. */
export interface Connector {
  readonly state_: "idle" | "connecting" | "open" | "waiting";
  /** Tries since the last good connection. */
  readonly failures_: number;
  isOpen_(): boolean;
  /** Is there a socket to send over? Long polling only receives. */
  canSend_(): unknown;
  /** Sends a message; false when that cannot be. */
  send_(data: string | Uint8Array): boolean;
  /** Connects at once, unless it is open or on its way. */
  open_(why: string): void;
  /** Closes and connects again after `delayMs`. */
  reopen_(code: number, reason: string, delayMs: number): void;
  /** Closes; nothing reconnects. */
  close_(code: number, reason: string): void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function createConnector(
  env: Env,
  scope: Scope,
  openTransport: OpenTransport,
  limits: Pick<ResolvedOptions, "minReconnectDelay" | "maxReconnectDelay">,
  on: ConnectorEvents,
): Connector {
  let transport: Transport | null = null;
  let wasLost = false;
  let cancelTimer: (() => void) | undefined;
  // Every attempt has a number; what an abandoned one still brings is recognised by it.
  let current = 0;

  const self: Writable<Connector> = {
    state_: "idle",
    failures_: 0,
    isOpen_: () => self.state_ === "open",
    canSend_: () => self.isOpen_() && (transport as Transport).send_,
    send_(data) {
      if (!self.canSend_()) return false;
      (transport as { send_(data: unknown): void }).send_(data);
      return true;
    },
    open_(why) {
      if (self.state_ !== "connecting" && !self.isOpen_()) attempt(why);
    },
    reopen_(code, reason, delayMs) {
      abandon(code, reason);
      // A server that says so of every new connection does not make the client spin.
      const delay = delayMs || (self.failures_ ? backoff() : self.failures_++);
      if (delay) wait(delay, reason);
      else attempt(reason);
    },
    close_(code, reason) {
      abandon(code, reason);
      self.failures_ = 0;
      wasLost = false;
    },
  };

  /** Ends what is going on; returns the number of whatever comes next. */
  function abandon(code?: number, reason?: string): number {
    const old = transport;
    transport = null;
    self.state_ = "idle";
    timer();
    if (old) {
      old.close_(code, reason);
      on.onEnd_();
    }
    return ++current;
  }

  /** The one timer of the connection: setting it ends the one before. */
  function timer(ms?: number, fn?: () => void): void {
    if (cancelTimer) cancelTimer();
    cancelTimer = fn && scope.after_(ms as number, fn);
  }

  function wait(delayMs: number, why: string): void {
    self.state_ = "waiting";
    timer(delayMs, () => attempt(why));
    on.onRetry_(why, delayMs);
  }

  function backoff(): number {
    const { minReconnectDelay: first, maxReconnectDelay: last } = limits;
    const bound = wasLost ? first : Math.min(first, FIRST_DELAY_MS);
    return backoffDelay(self.failures_++, env.Math.random(), bound, last);
  }

  function failed(why: string): void {
    abandon();
    wait(backoff(), why);
  }

  async function attempt(why: string): Promise<void> {
    const mine = abandon();
    const isCurrent = () => mine === current;
    self.state_ = "connecting";
    timer(OPEN_TIMEOUT_MS, () => failed("timeout"));
    try {
      const target = await on.prepare_(why);
      if (!isCurrent()) return;
      transport = openTransport(target, {
        onOpen_() {
          self.state_ = "open";
          timer(STABLE_MS, proven);
          on.onOpen_();
        },
        onMessage_(frame) {
          // Not when it ended the connection.
          return on.onMessage_(frame) && (!isCurrent() || proven());
        },
        onClose_(code, reason) {
          const wasOpen = self.isOpen_();
          wasLost ||= wasOpen;
          transport = null;
          self.state_ = "idle";
          on.onEnd_(code, reason, wasOpen);
          // The owner may have decided something else in the meantime.
          if (isCurrent()) failed(`closed with ${code} ${reason}`);
        },
      });
    } catch (error) {
      if (!isCurrent()) return;
      if (!isFatal(error as PullError)) return failed((error as Error).message);
      self.state_ = "idle";
      on.onFatal_(error as PullError);
    }
  }

  function proven(): true {
    self.failures_ = 0;
    return true;
  }

  return self;
}
