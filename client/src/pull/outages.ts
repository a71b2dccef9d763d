import { connectionLost } from "../errors";
import { createPending } from "../protocols/pending";
import type { Scope } from "../scope";

/** Lets what needs a connection wait through a short outage, in order. */
export interface Outages {
  /** Resolves once there is a connection again, and after `ms` milliseconds at the latest. */
  wait_(ms: number): Promise<unknown>;
  /** There is a connection, or none will come. */
  end_(): void;
}

export function createOutages(scope: Scope): Outages {
  const pending = createPending(scope);
  return {
    wait_: (ms) => pending.wait_({}, ms).catch(() => {}),
    end_: () => pending.fail_(connectionLost()),
  };
}
