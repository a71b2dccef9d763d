import type { Scope } from "../scope";
import type { CallRest } from "./rest";

/** A watch lives 1,860 s on the portal; renewing starts earlier. */
const RENEW_MS = 1_740_000;
/** How soon a forced renewal goes out, so that several tags go together. */
const SOON_MS = 5000;
/** After a failed renewal: still within the life of the watch. */
const RETRY_MS = 30_000;

/** Keeps the page's watch tags alive on the portal. */
export interface WatchTags {
  /** Tags being kept. */
  tags(): string[];
  /** Keeps a tag; `force` renews it within 5 s in place of the next turn. */
  extend(tag: string, force?: boolean): void;
  /** Lets a tag run out. */
  clear(tag: string): void;
  /** The client runs: begin to renew. */
  start(): void;
  /** The client stopped, its timers are gone; tags are kept for the next start. */
  stop(): void;
}

export function createWatch(scope: Scope, callRest: CallRest, log: (message: string) => void): WatchTags {
  const tags = new Set<string>();
  let running = false;
  let soon = false;
  let cancelTimer: (() => void) | undefined;

  function schedule(delayMs: number): void {
    cancelTimer?.();
    cancelTimer = scope.after(delayMs, renew);
  }

  async function renew(): Promise<void> {
    soon = false;
    cancelTimer = undefined;
    if (!tags.size) return;
    schedule(RENEW_MS);
    try {
      const answer = await callRest("pull.watch.extend", { tags: [...tags] });
      const known = (answer ?? {}) as Record<string, unknown>;
      for (const tag of tags) if (known[tag] === false) tags.delete(tag);
    } catch (error) {
      log(`watch tags were not renewed: ${(error as Error).message}`);
      if (running) schedule(RETRY_MS);
    }
  }

  return {
    tags: () => [...tags],
    extend(tag, force) {
      tags.add(String(tag));
      const urgent = force && !soon;
      soon = soon || !!force;
      if (running && (urgent || !cancelTimer)) schedule(soon ? SOON_MS : RENEW_MS);
    },
    clear(tag) {
      tags.delete(String(tag));
    },
    start() {
      if (running) return;
      running = true;
      if (tags.size) schedule(soon ? SOON_MS : RENEW_MS);
    },
    stop() {
      running = false;
      cancelTimer = undefined;
    },
  };
}
