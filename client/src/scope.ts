import type { Env } from "./env";

/** Owns timers and listeners, so that one call leaves nothing behind. */
export interface Scope {
  /** Runs `fn` once after `ms` milliseconds; the returned function cancels it. */
  after_(ms: number, fn: () => void): () => void;
  /** Listens to a page event; the returned function ends it. */
  listen_(type: string, fn: (event: Event) => void): () => void;
  /** A signal that aborts after `ms` milliseconds, or with the scope; and the function that ends it. */
  signal_(ms: number): [AbortSignal, () => void];
  /** Cancels everything. The scope can be used again. */
  dispose_(): void;
}

export function createScope(env: Env): Scope {
  const pending = new Set<() => void>();
  /** Remembers how to end something, until it has ended. */
  function own(end: () => void): () => void {
    const cancel = () => {
      pending.delete(cancel);
      end();
    };
    pending.add(cancel);
    return cancel;
  }
  return {
    after_(ms, fn) {
      const id = env.setTimeout(() => {
        cancel();
        fn();
      }, ms);
      const cancel = own(() => env.clearTimeout(id));
      return cancel;
    },
    listen_(type, fn) {
      env.addEventListener(type, fn);
      return own(() => env.removeEventListener(type, fn));
    },
    signal_(ms) {
      const abort = new AbortController();
      const end = () => abort.abort();
      const id = env.setTimeout(end, ms);
      const cancel = own(() => {
        env.clearTimeout(id);
        end();
      });
      return [abort.signal, cancel];
    },
    dispose_() {
      for (const cancel of pending) cancel();
    },
  };
}
