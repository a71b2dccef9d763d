import type { Env } from "./env";

/** Owns timers and listeners, so that one call leaves nothing behind. */
export interface Scope {
  /** Runs `fn` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, fn: () => void): () => void;
  /** Listens to a page event. */
  listen(type: string, fn: (event: Event) => void): void;
  /** Cancels everything. The scope can be used again. */
  dispose(): void;
}

export function createScope(env: Env): Scope {
  const pending = new Set<() => void>();
  return {
    after(ms, fn) {
      const cancelTimer = env.after(ms, () => {
        pending.delete(cancel);
        fn();
      });
      const cancel = () => {
        pending.delete(cancel);
        cancelTimer();
      };
      pending.add(cancel);
      return cancel;
    },
    listen(type, fn) {
      pending.add(env.listen(type, fn));
    },
    dispose() {
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}
