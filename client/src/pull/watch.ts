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
  /** Tags being kept; one that is deleted runs out. */
  readonly tags_: Record<string, true>;
  /** Keeps a tag; `force` renews it within 5 s in place of the next turn. */
  extend_(tag: string, force?: boolean): void;
  /** Renewing goes on while the client runs; tags outlive a stop, and are renewed soon after it. */
  run_(on: boolean): void;
}

export function createWatch(scope: Scope, callRest: CallRest, log: (message: string) => void): WatchTags {
  const tags: Record<string, true> = Object.create(null);
  let running = false;
  let soon: unknown;
  let cancelTimer: (() => void) | undefined;

  function schedule(delayMs = soon ? SOON_MS : RENEW_MS): void {
    if (cancelTimer) cancelTimer();
    cancelTimer = running && Object.keys(tags)[0] ? scope.after_(delayMs, renew) : undefined;
  }

  async function renew(): Promise<void> {
    soon = false;
    schedule();
    // All were cleared meanwhile.
    if (!cancelTimer) return;
    try {
      const known = Object(await callRest("pull.watch.extend", { tags: Object.keys(tags) }));
      for (const tag of Object.keys(tags)) if (known[tag] === false) delete tags[tag];
    } catch (error) {
      log((error as Error).message);
      schedule(RETRY_MS);
    }
  }

  return {
    tags_: tags,
    extend_(tag, force) {
      tags[tag] = true;
      if (!cancelTimer || (force && !soon)) {
        soon ||= force;
        schedule();
      }
    },
    run_(on) {
      // When the next turn would have come is forgotten with the timer.
      soon ||= cancelTimer;
      running = on;
      schedule();
    },
  };
}
