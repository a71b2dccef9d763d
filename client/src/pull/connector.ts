import type { Env } from "../env";
import { isFatal, type PullError } from "../errors";
import type { Scope } from "../scope";
import { backoffDelay } from "../transport/backoff";
import type { OpenTransport, Transport } from "../transport/types";

/** An attempt that has not led to an open socket by then is given up. */
const OPEN_TIMEOUT_MS = 15_000;
/** A connection that lasted this long, or brought a message, was a good one: waits begin short again. */
const STABLE_MS = 5000;

export interface ConnectorEvents {
  /** Where to connect; may load a configuration first. A PullError that is not transient ends the attempts. */
  prepare_(): Promise<string>;
  onOpen_(): void;
  onMessage_(data: string | ArrayBuffer): void;
  /** An open connection was lost. */
  onLost_(code: number, reason: string): void;
  /** A try failed, or the connection; the next try is `delayMs` away. */
  onRetry_(why: string, delayMs: number): void;
  /** Connecting is pointless: `prepare` said so. */
  onFatal_(error: PullError): void;
}

/** Keeps one connection open, or tries to, until told to stop. */
export interface Connector {
  readonly state_: "idle" | "connecting" | "open" | "waiting";
  /** Tries since the last good connection. */
  readonly failures_: number;
  isOpen_(): boolean;
  /** Connects at once, unless it is open or on its way. */
  open_(): void;
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
  on: ConnectorEvents,
): Connector {
  let transport: Transport | null = null;
  let cancelTimer: (() => void) | undefined;
  // Every attempt has a number; what an abandoned one still brings is recognised by it.
  let current = 0;

  const self: Writable<Connector> = {
    state_: "idle",
    failures_: 0,
    isOpen_: () => !!transport && transport.isOpen_(),
    open_() {
      if (self.state_ !== "connecting" && !self.isOpen_()) attempt();
    },
    reopen_(code, reason, delayMs) {
      abandon(code, reason);
      if (delayMs) wait(delayMs);
      else attempt();
    },
    close_(code, reason) {
      abandon(code, reason);
      self.state_ = "idle";
      self.failures_ = 0;
    },
  };

  /** Ends what is going on; returns the number of whatever comes next. */
  function abandon(code?: number, reason?: string): number {
    const old = transport;
    transport = null;
    timer();
    if (old) old.close_(code, reason);
    return ++current;
  }

  /** The one timer of the connection: setting it ends the one before. */
  function timer(ms?: number, fn?: () => void): void {
    if (cancelTimer) cancelTimer();
    cancelTimer = fn && scope.after_(ms as number, fn);
  }

  function wait(delayMs: number): void {
    self.state_ = "waiting";
    timer(delayMs, attempt);
  }

  function failed(why: string): void {
    abandon();
    const delay = backoffDelay(self.failures_++, env.random_());
    wait(delay);
    on.onRetry_(why, delay);
  }

  async function attempt(): Promise<void> {
    const mine = abandon();
    const isCurrent = () => mine === current;
    self.state_ = "connecting";
    timer(OPEN_TIMEOUT_MS, () => failed("timeout"));
    try {
      const url = await on.prepare_();
      if (!isCurrent()) return;
      transport = openTransport(url, {
        onOpen_() {
          self.state_ = "open";
          timer(STABLE_MS, proven);
          on.onOpen_();
        },
        onMessage_(data) {
          proven();
          on.onMessage_(data);
        },
        onClose_(code, reason) {
          if (self.state_ === "open") on.onLost_(code, reason);
          // The owner may have decided something else in the meantime.
          if (isCurrent()) failed(`closed with ${code}`);
        },
      });
    } catch (error) {
      if (!isCurrent()) return;
      if (!isFatal(error as PullError)) return failed((error as Error).message);
      self.state_ = "idle";
      on.onFatal_(error as PullError);
    }
  }

  function proven(): void {
    self.failures_ = 0;
  }

  return self;
}
