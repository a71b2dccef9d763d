import type { InstalledBx } from "../bx/types";
import type { Env } from "../env";
import type { Protocol } from "../protocols/types";
import type { CloseReasonCodes, PullStatuses, SubscriptionTypes } from "../public/constants";
import type { StorageManagerClass } from "../public/storage";
import type { StandIn } from "../transport/long-polling";
import { METHODS, type PullApi } from "./api";
import { CloseReasons, PullStatus, SubscriptionType } from "./constants";
import type { PullOptions } from "./options";
import { createRuntime } from "./runtime";
import { StorageManager } from "./storage";

/** `BX.PullClient`, the class. */
export interface PullClientClass {
  new (options?: PullOptions): PullApi;
  readonly PullStatus: PullStatuses;
  readonly SubscriptionType: SubscriptionTypes;
  readonly CloseReasons: CloseReasonCodes;
  readonly StorageManager: StorageManagerClass;
}

/**
 * Makes the class of one page. Its methods are on the prototype, as page code that extends or patches it expects. An
 * instance is nothing more until one of them is called: a page that never starts it pays for no client.
 */
export function createPullClient(
  bx: InstalledBx,
  env: Env,
  protocols: readonly Protocol[],
  standIn?: StandIn,
): PullClientClass {
  type Methods = Record<string, (...args: unknown[]) => unknown>;

  class PullClient {
    // A property: frameworks hand out proxies of what pages keep with them, and call methods on those.
    declare _get: () => Methods;
    constructor(options?: PullOptions) {
      let api: Methods | undefined;
      this._get = () => {
        api ||= createRuntime(Object(options), bx, env, protocols, standIn) as unknown as Methods;
        return api;
      };
    }
  }
  for (const method of METHODS) {
    (PullClient.prototype as unknown as Methods)[method] = function (this: PullClient, ...args) {
      return (this._get()[method] as Methods[string])(...args);
    };
  }
  return Object.assign(PullClient as unknown as PullClientClass, {
    PullStatus,
    SubscriptionType,
    CloseReasons,
    StorageManager,
  });
}
