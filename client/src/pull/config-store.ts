import type { Env } from "../env";
import { quietly } from "../quietly";
import { type Channel, checkConfig, isStale, type PullConfig } from "./config";
import type { ResolvedOptions } from "./options";
import type { CallRest } from "./rest";
import type { StorageManager } from "./storage";

const KEY = "bx-pull-config";

/** The configuration in force: where it comes from, how long it is good, and a copy for the next page. */
export interface ConfigStore {
  current: PullConfig | null;
  /** Whole seconds that this clock is ahead of the server's. */
  timeShift: number;
  /** Uses a configuration given by page code; throws PullError. */
  adopt(config: unknown): void;
  /** Uses the copy an earlier page left, if there is a fresh one. */
  restore(): void;
  /** The next `ensure()` asks the portal, naming `reason` in its log. */
  invalidate(reason: string): void;
  /** Resolves with a configuration that is good now; rejects with PullError. */
  ensure(): Promise<PullConfig>;
  isStale(): boolean;
  /** Puts a channel in the place of the one of its type. */
  replaceChannel(channel: Channel): void;
}

export function createConfigStore(
  env: Env,
  options: ResolvedOptions,
  storage: StorageManager,
  callRest: CallRest,
): ConfigStore {
  let reloadReason = "client_start";
  let invalid = false;

  const isFresh = (config: PullConfig, timeShift: number) =>
    !isStale(config, env.now() - timeShift * 1000, options.configTimestamp);

  const store: ConfigStore = {
    current: null,
    timeShift: 0,
    adopt(value) {
      const config = checkConfig(value);
      const serverTime = Date.parse(config.serverTime as string);
      store.current = config;
      store.timeShift = Math.floor((env.now() - serverTime) / 1000) || 0;
      invalid = false;
    },
    restore() {
      if (store.current) return;
      const { config, timeShift } = storage.get(KEY, { config: null as unknown, timeShift: 0 });
      if (quietly(() => isFresh(checkConfig(config), timeShift), false)) {
        store.current = config as PullConfig;
        store.timeShift = timeShift;
      }
    },
    invalidate(reason) {
      invalid = true;
      reloadReason = reason;
      storage.remove(KEY);
    },
    isStale: () => invalid || !store.current || !isFresh(store.current, store.timeShift),
    async ensure() {
      if (store.isStale()) {
        store.adopt(await callRest(options.configGetMethod, { CACHE: "N" }, reloadReason));
        keep();
      }
      return store.current as PullConfig;
    },
    replaceChannel(channel) {
      const config = store.current as PullConfig;
      store.current = { ...config, channels: { ...config.channels, [channel.type]: channel } };
      keep();
    },
  };

  function keep(): void {
    storage.set(KEY, { config: store.current, timeShift: store.timeShift });
  }

  return store;
}
