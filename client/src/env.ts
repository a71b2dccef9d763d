import type { Win } from "./bx/types";

/**
 * Everything the client takes from its surroundings: clock, random, timers, sockets, requests, storage, page events and
 * console, under the names that a window has for them. Tests, virtual time and workers hand in an object of their own.
 * Looked up when needed, so that pages may patch.
 */
export interface Env
  extends Pick<
    Win,
    "fetch" | "addEventListener" | "removeEventListener" | "localStorage" | "sessionStorage" | "origin"
  > {
  setTimeout(fn: () => void, ms?: number): number;
  clearTimeout(id: number): void;
  Date: Pick<DateConstructor, "now">;
  Math: Pick<Math, "random">;
  console: Pick<Console, "log" | "info" | "warn" | "error">;
  /** Undefined where there are none. */
  WebSocket?: (new (url: string) => WebSocket) | undefined;
  /** Undefined where there are none. */
  SharedWorker?: (new (url: string | URL, options: WorkerOptions) => SharedWorker) | undefined;
  navigator: Pick<Navigator, "onLine">;
  document: Pick<Document, "hidden">;
  location: Pick<Location, "protocol">;
}

/** Where tests put surroundings of their own, before the client's script, or the shared worker's, runs. */
export interface Seam<E extends Env = Env> {
  bxPullEnv?: E;
}
