/**
 * Everything the client takes from its surroundings: clock, random, sockets, requests, storage, page
 * events and console. Tests, virtual time and workers hand in their own.
 */
export interface Env {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `fn` after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, fn: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
  /** Opens a socket; throws when the address cannot be one. Undefined where there are none. */
  openSocket: ((url: string) => WebSocket) | undefined;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Shared by the site's tabs; null where it is blocked. */
  localStorage: Storage | null;
  /** This tab's own, kept over a reload; null where it is blocked. */
  sessionStorage: Storage | null;
  /** Listens to an event of the page (`online`, `pagehide`, `visibilitychange`, …); the returned function stops. */
  listen(type: string, fn: (event: Event) => void): () => void;
  /** False only when the browser knows that it has no network. */
  isOnline(): boolean;
  isVisible(): boolean;
  /** Was the page served over https? Then sockets must be secure as well. */
  isSecure(): boolean;
  /** Writes to the console; never throws, whatever a page did to it. */
  print(level: "log" | "info" | "warn" | "error", ...args: unknown[]): void;
  /** Hands an error of page code to `window.onerror` and the browser's own report. */
  report(error: unknown, what: string): void;
}
