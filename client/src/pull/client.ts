import type { InstalledBx } from "../bx/types";
import type { Env } from "../env";
import type { Protocol } from "../protocols/types";
import type { StandIn } from "../transport/long-polling";
import type { PullApi } from "./api";
import { CloseReasons, PullStatus, SubscriptionType } from "./constants";
import type { PullOptions } from "./options";
import { createRuntime } from "./runtime";
import { StorageManager } from "./storage";

/** `BX.PullClient`, the class. */
export interface PullClientClass {
  new (options?: PullOptions): PullApi;
  PullStatus: typeof PullStatus;
  SubscriptionType: typeof SubscriptionType;
  CloseReasons: typeof CloseReasons;
  StorageManager: typeof StorageManager;
}

/** Makes the class of one page. Its methods are on the prototype, as page code that extends or patches it expects. */
export function createPullClient(
  bx: InstalledBx,
  env: Env,
  protocols: readonly Protocol[],
  standIn?: StandIn,
): PullClientClass {
  type Methods = Record<string, (...args: unknown[]) => unknown>;
  const apis = new WeakMap<object, Methods>();

  class PullClient {
    constructor(options?: PullOptions) {
      const api = createRuntime(Object(options), bx, env, protocols, standIn) as unknown as Methods;
      apis.set(this, api);
      const prototype = PullClient.prototype as unknown as Methods;
      for (const method of Object.keys(api)) {
        prototype[method] ||= function (this: object, ...args) {
          const own = apis.get(this) as Methods;
          return (own[method] as Methods[string])(...args);
        };
      }
    }
  }
  return Object.assign(PullClient as unknown as PullClientClass, {
    PullStatus,
    SubscriptionType,
    CloseReasons,
    StorageManager,
  });
}
