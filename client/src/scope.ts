import type { Env } from "./env";

/** Owns timers and listeners, so that one call leaves nothing behind. */
export interface Scope {
  /** Runs `fn` once after `ms` milliseconds; the returned function cancels it. */
  after_(ms: number, fn: () => void): () => void;
  /**
   * Runs `fn` once after `ms` milliseconds, or up to a quarter more, in which `heard_` was not called. That call is
   * cheap: it touches no timer.
   */
  silence_(ms: number, fn: () => void): Silence;
  /** Listens to a page event; the returned function ends it. */
  listen_(type: string, fn: (event: Event) => void): () => void;
  /** A signal that aborts after `ms` milliseconds, or with the scope; and the function that ends it. */
  signal_(ms: number): [AbortSignal, () => void];
  /** Cancels everything. The scope can be used again. */
  dispose_(): void;
}

/** Waits for silence. */
export interface Silence {
  heard_(): void;
  end_(): void;
}

/** Looks so often whether there was silence all the time. */
const LOOKS = 4;

/** What is longer, browsers take for no time at all. */
const LONGEST_MS = 2e9;

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
  function after(ms: number, fn: () => void): () => void {
    const id = env.setTimeout(
      () => {
        cancel();
        fn();
      },
      Math.min(ms, LONGEST_MS),
    );
    const cancel = own(() => env.clearTimeout(id));
    return cancel;
  }
  return {
    after_: after,
    silence_(ms, fn) {
      let looks = LOOKS;
      const wait = () =>
        after(ms / LOOKS, () => {
          if (--looks) cancel = wait();
          else fn();
        });
      let cancel = wait();
      return {
        heard_() {
          // Not from the next look on: from the one after it.
          looks = LOOKS + 1;
        },
        end_: () => cancel(),
      };
    },
    listen_(type, fn) {
      env.addEventListener(type, fn);
      return own(() => env.removeEventListener(type, fn));
    },
    signal_(ms) {
      const abort = new AbortController();
      const cancel = after(ms, () => end());
      const end = own(() => {
        cancel();
        abort.abort();
      });
      return [abort.signal, end];
    },
    dispose_() {
      for (const cancel of pending) cancel();
    },
  };
}
