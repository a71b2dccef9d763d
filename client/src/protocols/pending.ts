import type { PullError } from "../errors";
import type { Scope } from "../scope";

/** What waits for the server, each under a key of its own. */
export interface Pending {
  /**
   * @param late - what the promise rejects with after `ms` milliseconds; none: it resolves with true then
   */
  wait_(key: unknown, ms: number, late?: PullError): Promise<unknown>;
  /** Ends what waits under the key, if it still does: rejects with `error`, else resolves with `value`. */
  settle_(key: unknown, error?: PullError, value?: unknown): void;
  /** Nobody answers any more. */
  fail_(error: PullError): void;
}

export function createPending(scope: Scope): Pending {
  const waiting = new Map<unknown, (error?: PullError, value?: unknown) => void>();
  return {
    wait_: (key, ms, late) =>
      new Promise((resolve, reject) => {
        const cancel = scope.after_(ms, () => settle(late, true));
        function settle(error?: PullError, value?: unknown): void {
          cancel();
          waiting.delete(key);
          if (error) reject(error);
          else resolve(value);
        }
        waiting.set(key, settle);
      }),
    settle_(key, error, value) {
      const settle = waiting.get(key);
      if (settle) settle(error, value);
    },
    fail_(error) {
      for (const settle of waiting.values()) settle(error);
    },
  };
}
