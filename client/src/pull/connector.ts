import type { Env } from "../env";
import type { Scope } from "../scope";
import { backoffDelay } from "../transport/backoff";
import type { OpenTransport, Transport } from "../transport/types";

/** A socket that has not opened by then is given up. */
const OPEN_TIMEOUT_MS = 15_000;
/** A connection that lasted this long, or brought a message, was a good one: waits begin short again. */
const STABLE_MS = 5000;

export interface ConnectorEvents {
  /** Where to connect; may load a configuration first. A rejection with `fatal` ends the attempts. */
  prepare(): Promise<string>;
  onOpen(): void;
  onMessage(data: string | ArrayBuffer): void;
  /** An open connection was lost. */
  onLost(code: number, reason: string): void;
  /** A try failed; the next one is `delayMs` away. */
  onRetry(why: string, delayMs: number): void;
  /** Connecting is pointless: `prepare` said so. */
  onFatal(error: Error): void;
}

export type ConnectorState = "idle" | "preparing" | "connecting" | "open" | "waiting";

/** Keeps one connection open, or tries to, until told to stop. */
export interface Connector {
  readonly state: ConnectorState;
  /** Tries since the last good connection. */
  readonly failures: number;
  isOpen(): boolean;
  /** Connects at once, unless it is open or on its way. */
  open(): void;
  /** Closes and connects again after `delayMs`, 0 by default. */
  reopen(code: number, reason: string, delayMs?: number): void;
  /** Closes; nothing reconnects. */
  close(code: number, reason: string): void;
}

export function createConnector(
  env: Env,
  scope: Scope,
  openTransport: OpenTransport,
  on: ConnectorEvents,
): Connector {
  let state: ConnectorState = "idle";
  let failures = 0;
  let transport: Transport | null = null;
  let cancelTimer: (() => void) | undefined;
  // Every attempt has a number; what an abandoned one still brings is recognised by it.
  let current = 0;

  function abandon(code: number, reason: string): void {
    current++;
    cancelTimer?.();
    cancelTimer = undefined;
    const old = transport;
    transport = null;
    old?.close(code, reason);
  }

  function wait(delayMs: number): void {
    state = "waiting";
    cancelTimer = scope.after(delayMs, attempt);
  }

  function failed(why: string): void {
    abandon(1000, "");
    const delay = backoffDelay(failures++, env.random());
    wait(delay);
    on.onRetry(why, delay);
  }

  async function attempt(): Promise<void> {
    abandon(1000, "");
    const mine = current;
    state = "preparing";
    let url: string;
    try {
      url = await on.prepare();
    } catch (error) {
      if (mine !== current) return;
      if (!(error as { fatal?: boolean }).fatal) return failed((error as Error).message);
      state = "idle";
      on.onFatal(error as Error);
      return;
    }
    if (mine !== current) return;
    state = "connecting";
    let good = false;
    cancelTimer = scope.after(OPEN_TIMEOUT_MS, () =>
      failed("the server did not accept the connection in time"),
    );
    const proven = () => {
      good = true;
      failures = 0;
    };
    try {
      transport = openTransport(url, {
        onOpen() {
          if (mine !== current) return;
          cancelTimer?.();
          state = "open";
          cancelTimer = scope.after(STABLE_MS, proven);
          on.onOpen();
        },
        onMessage(data) {
          if (mine !== current) return;
          if (!good) proven();
          on.onMessage(data);
        },
        onClose(code, reason) {
          if (mine !== current) return;
          const wasOpen = state === "open";
          if (wasOpen) on.onLost(code, reason);
          // The owner may have decided something else in the meantime.
          if (mine === current)
            failed(wasOpen ? `closed with ${code}` : "the connection could not be opened");
        },
      });
    } catch (error) {
      failed((error as Error).message);
    }
  }

  return {
    get state() {
      return state;
    },
    get failures() {
      return failures;
    },
    isOpen: () => state === "open" && !!transport?.isOpen(),
    open() {
      if (state === "idle" || state === "waiting" || (state === "open" && !transport?.isOpen()))
        void attempt();
    },
    reopen(code, reason, delayMs = 0) {
      abandon(code, reason);
      if (delayMs > 0) wait(delayMs);
      else void attempt();
    },
    close(code, reason) {
      state = "idle";
      failures = 0;
      abandon(code, reason);
    },
  };
}
