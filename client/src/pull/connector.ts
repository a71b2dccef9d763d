import type { Env } from "../env";
import { isTransient, PullError } from "../errors";
import type { Scope } from "../scope";
import { backoffDelay } from "../transport/backoff";
import type { OpenTransport, Transport } from "../transport/types";

/** A socket that has not opened by then is given up. */
const OPEN_TIMEOUT_MS = 15_000;
/** A connection that lasted this long, or brought a message, was a good one: waits begin short again. */
const STABLE_MS = 5000;

export interface ConnectorEvents {
  /** Where to connect; may load a configuration first. A PullError that is not transient ends the attempts. */
  prepare(): Promise<string>;
  onOpen(): void;
  onMessage(data: string | ArrayBuffer): void;
  /** An open connection was lost. */
  onLost(code: number, reason: string): void;
  /** A try failed, or the connection; the next try is `delayMs` away. */
  onRetry(why: string, delayMs: number): void;
  /** Connecting is pointless: `prepare` said so. */
  onFatal(error: PullError): void;
}

/** Keeps one connection open, or tries to, until told to stop. */
export interface Connector {
  readonly state: "idle" | "preparing" | "connecting" | "open" | "waiting";
  /** Tries since the last good connection. */
  readonly failures: number;
  isOpen(): boolean;
  /** Connects at once, unless it is open or on its way. */
  open(): void;
  /** Closes and connects again after `delayMs`. */
  reopen(code: number, reason: string, delayMs: number): void;
  /** Closes; nothing reconnects. */
  close(code: number, reason: string): void;
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
    state: "idle",
    failures: 0,
    isOpen: () => self.state === "open" && !!transport && transport.isOpen(),
    open() {
      if (self.state === "idle" || self.state === "waiting" || (self.state === "open" && !self.isOpen()))
        attempt();
    },
    reopen(code, reason, delayMs) {
      abandon(code, reason);
      if (delayMs) wait(delayMs);
      else attempt();
    },
    close(code, reason) {
      abandon(code, reason);
      self.state = "idle";
      self.failures = 0;
    },
  };

  /** Ends what is going on; returns the number of whatever comes next. */
  function abandon(code = 1000, reason = ""): number {
    const old = transport;
    transport = null;
    timer();
    if (old) old.close(code, reason);
    return ++current;
  }

  /** The one timer of the connection: setting it ends the one before. */
  function timer(ms?: number, fn?: () => void): void {
    if (cancelTimer) cancelTimer();
    cancelTimer = fn && scope.after(ms as number, fn);
  }

  function wait(delayMs: number): void {
    self.state = "waiting";
    timer(delayMs, attempt);
  }

  function failed(why: string): void {
    abandon();
    const delay = backoffDelay(self.failures++, env.random());
    wait(delay);
    on.onRetry(why, delay);
  }

  async function attempt(): Promise<void> {
    const mine = abandon();
    const isCurrent = () => mine === current;
    self.state = "preparing";
    try {
      const url = await on.prepare();
      if (!isCurrent()) return;
      self.state = "connecting";
      timer(OPEN_TIMEOUT_MS, () => failed("no answer in time"));
      transport = openTransport(url, {
        onOpen() {
          self.state = "open";
          timer(STABLE_MS, proven);
          on.onOpen();
        },
        onMessage(data) {
          proven();
          on.onMessage(data);
        },
        onClose(code, reason) {
          const wasOpen = self.state === "open";
          if (wasOpen) on.onLost(code, reason);
          // The owner may have decided something else in the meantime.
          if (isCurrent()) failed(wasOpen ? `closed with ${code}` : "the connection was not accepted");
        },
      });
    } catch (error) {
      if (!isCurrent()) return;
      const { message } = error as PullError;
      if (!(error instanceof PullError) || isTransient(error)) return failed(message);
      self.state = "idle";
      on.onFatal(error);
    }
  }

  function proven(): void {
    self.failures = 0;
  }

  return self;
}
