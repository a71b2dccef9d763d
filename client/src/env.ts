/**
 * Everything the client takes from its surroundings: clock, random, sockets, requests, storage, page
 * events and console. Tests, virtual time and workers hand in their own. (Names that end with an underscore never
 * leave the bundle and are shortened in releases: see ../README.md.)
 */
export interface Env {
  /** Milliseconds since the epoch. */
  now_(): number;
  /** Runs `fn` after `ms` milliseconds; the returned function cancels it. */
  after_(ms: number, fn: () => void): () => void;
  /** Uniform in [0, 1). */
  random_(): number;
  /** Opens a socket; throws when the address cannot be one. Undefined where there are none. */
  openSocket_: ((url: string) => WebSocket) | undefined;
  fetch_(url: string, init: RequestInit): Promise<Response>;
  /** Shared by the site's tabs; throws where it is blocked. */
  localStorage_: () => Storage;
  /** This tab's own, kept over a reload; throws where it is blocked. */
  sessionStorage_: () => Storage;
  /** Listens to an event of the page (`online`, `pagehide`, `visibilitychange`, …); the returned function stops. */
  listen_(type: string, fn: (event: Event) => void): () => void;
  /** False only when the browser knows that it has no network. */
  isOnline_(): boolean;
  isVisible_(): boolean;
  /** Was the page served over https? Then sockets must be secure as well. */
  isSecure_(): boolean;
  /** Writes to the console; never throws, whatever a page did to it. */
  print_(level: "log" | "info" | "warn" | "error", ...args: unknown[]): void;
  /** Hands an error of page code to `window.onerror` and the browser's own report. */
  report_(error: unknown, what: string): void;
}
