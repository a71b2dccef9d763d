import type { Env } from "./env";

/** Owns timers and listeners, so that one call leaves nothing behind. */
export interface Scope {
  /** Runs `fn` once after `ms` milliseconds; the returned function cancels it. */
  after_(ms: number, fn: () => void): () => void;
  /** Listens to a page event. */
  listen_(type: string, fn: (event: Event) => void): void;
  /** Cancels everything. The scope can be used again. */
  dispose_(): void;
}

export function createScope(env: Env): Scope {
  const pending = new Set<() => void>();
  return {
    after_(ms, fn) {
      const cancelTimer = env.after_(ms, () => {
        cancel();
        fn();
      });
      const cancel = () => {
        pending.delete(cancel);
        cancelTimer();
      };
      pending.add(cancel);
      return cancel;
    },
    listen_(type, fn) {
      pending.add(env.listen_(type, fn));
    },
    dispose_() {
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}
