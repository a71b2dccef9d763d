import type { Env } from "../env";
import { type Channel, checkConfig, isStale, type PullConfig } from "./config";
import type { ResolvedOptions } from "./options";
import type { CallRest } from "./rest";
import type { StorageManager } from "./storage";

const KEY = "bx-pull-config";

/** The configuration in force: where it comes from, how long it is good, and a copy for the next page. */
export interface ConfigStore {
  readonly current: PullConfig | null;
  /** Whole seconds that this clock is ahead of the server's. */
  readonly timeShift: number;
  /** Uses a configuration given by page code; throws a ConfigError. */
  adopt(config: unknown): void;
  /** Uses the copy an earlier page left, if there is a fresh one. */
  restore(): void;
  /** The next `ensure()` asks the portal, naming `reason` in its log. */
  invalidate(reason: string): void;
  /** Resolves with a configuration that is good now; rejects with RestError or ConfigError. */
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
  let current: PullConfig | null = null;
  let timeShift = 0;
  let reloadReason = "client_start";
  let invalid = true;

  const fresh = (config: PullConfig, shift: number) =>
    !isStale(config, env.now() - shift * 1000, options.configTimestamp);

  function use(config: PullConfig, shift: number): PullConfig {
    current = config;
    timeShift = shift;
    invalid = false;
    return config;
  }

  const store: ConfigStore = {
    get current() {
      return current;
    },
    get timeShift() {
      return timeShift;
    },
    adopt(value) {
      const config = checkConfig(value);
      use(config, shiftOf(config));
    },
    restore() {
      const kept = storage.get<{ config: unknown; timeShift: number } | null>(KEY, null);
      if (!kept) return;
      try {
        const config = checkConfig(kept.config);
        if (fresh(config, kept.timeShift)) use(config, kept.timeShift);
      } catch {
        storage.remove(KEY);
      }
    },
    invalidate(reason) {
      invalid = true;
      reloadReason = reason;
      storage.remove(KEY);
    },
    isStale: () => invalid || !current || !fresh(current, timeShift),
    async ensure() {
      if (current && !store.isStale()) return current;
      const answer = await callRest(options.configGetMethod, { CACHE: "N" }, reloadReason);
      const config = checkConfig(answer);
      use(config, shiftOf(config));
      storage.set(KEY, { config, timeShift });
      return config;
    },
    replaceChannel(channel) {
      if (!current) return;
      current = { ...current, channels: { ...current.channels, [channel.type]: channel } };
      storage.set(KEY, { config: current, timeShift });
    },
  };

  function shiftOf(config: PullConfig): number {
    const serverTime = Date.parse(config.serverTime ?? "");
    return Number.isNaN(serverTime) ? 0 : Math.floor((env.now() - serverTime) / 1000);
  }

  return store;
}
