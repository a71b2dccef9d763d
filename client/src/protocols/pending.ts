import { PullError } from "../errors";
import type { Scope } from "../scope";

type Resolve = (value: unknown) => void;
type Reject = (error: PullError) => void;

/** What waits for the server, and is told when nothing more will come. */
export interface Pending {
  /**
   * @param begin - gets what settles the promise
   * @param late - what to do with it after `ms` milliseconds
   */
  wait_(
    ms: number,
    begin: (resolve: Resolve, reject: Reject) => void,
    late?: (resolve: Resolve, reject: Reject) => void,
  ): Promise<unknown>;
  /** Rejects all that wait; by default because the connection was lost. */
  fail_(error?: PullError): void;
}

export function createPending(scope: Scope): Pending {
  const waiting = new Set<Reject>();
  return {
    wait_: (
      ms,
      begin,
      late = (_, reject) => reject(new PullError("TIMEOUT", `no answer within ${ms / 1000} s`)),
    ) =>
      new Promise((resolve, reject) => {
        const ended =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            cancel();
            waiting.delete(fail);
            settle(value);
          };
        const fail = ended(reject);
        const cancel = scope.after_(ms, () => late(ended(resolve), fail));
        waiting.add(fail);
        begin(ended(resolve), fail);
      }),
    fail_(error = new PullError("CONNECTION_LOST", "the connection was lost before the server answered")) {
      for (const reject of waiting) reject(error);
    },
  };
}
