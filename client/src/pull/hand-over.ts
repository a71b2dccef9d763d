import type { Env } from "../env";
import type { Stream } from "../position";
import { SESSION_KEY } from "../storage-keys";
import type { Session } from "./session";
import type { StorageManager } from "./storage";

/** How long the position waits for the next page of this tab. */
const TTL_MS = 20_000;

interface Kept {
  mid: string;
  told: string;
  begin: string;
  cursor: Stream["cursor_"];
  at: number;
}

/** Hands the position on from a page to the next one of its tab, as a reload needs it. */
export interface HandOver {
  leave_(): void;
  take_(): void;
}

/** @param storage - belongs to the tab alone: another tab must not continue from its position */
export function createHandOver(env: Env, storage: StorageManager, session: Session): HandOver {
  return {
    leave_() {
      const { mid } = session.position_;
      if (mid)
        storage.set(SESSION_KEY, {
          mid,
          told: session.told_,
          begin: session.begin_,
          cursor: session.cursor_,
          at: env.Date.now(),
        });
    },
    take_() {
      // Of nothing that is kept there is no mid.
      const { mid, at, told, begin, cursor } = storage.get(SESSION_KEY, {} as Kept);
      storage.remove(SESSION_KEY);
      if (mid && !session.position_.mid && env.Date.now() - at < TTL_MS) {
        session.resume_(mid);
        session.told_ = told;
        session.begin_ = begin;
        session.cursor_ = cursor;
      }
    },
  };
}
