import type { PullApi } from "./api";
import { CloseReasons, PullStatus, SubscriptionType } from "./constants";
import type { PullOptions } from "./options";
import { createRuntime, type Surroundings } from "./runtime";
import { StorageManager } from "./storage";

const apis = new WeakMap<object, PullApi>();

/** `BX.PullClient`. Its methods are on the prototype, as page code that extends or patches it expects. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor sees to every method
export class PullClient {
  constructor(options: PullOptions, surroundings: Surroundings) {
    const api = createRuntime(options, surroundings);
    apis.set(this, api);
    const prototype = PullClient.prototype as unknown as Record<string, unknown>;
    for (const method of Object.keys(api) as (keyof PullApi)[]) {
      prototype[method] ||= function (this: object, ...args: never[]) {
        return ((apis.get(this) as PullApi)[method] as (...args: never[]) => unknown)(...args);
      };
    }
  }
}

export interface PullClient extends PullApi {}

Object.assign(PullClient, { PullStatus, SubscriptionType, CloseReasons, StorageManager });
