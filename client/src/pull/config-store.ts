import type { Env } from "../env";
import { PullError } from "../errors";
import { quietly } from "../quietly";
import { CONFIG_KEY as KEY } from "../storage-keys";
import { type Channel, checkConfig, isFresh, NO_CONFIG, type PullConfig } from "./config";
import type { ResolvedOptions } from "./options";
import type { CallRest } from "./rest";
import type { StorageManager } from "./storage";

/** Why the portal is asked first, for its log. */
const FIRST_REASON = "client_start";

/** The configuration in force: where it comes from, how long it is good, and a copy for the next page. */
export interface ConfigStore {
  /** `NO_CONFIG` while none is loaded. */
  current_: PullConfig;
  /** Milliseconds by the server's clock, by default now. */
  serverNow_(now?: number): number;
  /** Is it a copy of an earlier page's, with which nobody has connected yet? */
  restored_: boolean;
  /** Uses a configuration given by page code; throws PullError. */
  adopt_(config: unknown): void;
  /** Uses the copy an earlier page left, if there is a fresh one. */
  restore_(): void;
  /** Removes what pages of any user have left in storage and is good no more. */
  sweep_(): void;
  /** The next `ensure()` asks the portal, naming `reason` in its log; what it was asked before does not count. */
  invalidate_(reason: string): void;
  /** Resolves with a configuration that is good now; rejects with PullError. */
  ensure_(): Promise<PullConfig>;
  isStale_(): boolean;
  /** Puts a channel in the place of the one of its type. */
  replaceChannel_(channel: Channel): void;
}

export function createConfigStore(
  env: Env,
  options: ResolvedOptions,
  storage: StorageManager,
  callRest: CallRest,
): ConfigStore {
  // Why the portal must be asked again, for its log; empty while it need not.
  let reloadReason = "";
  // Whole seconds that this clock is ahead of the server's.
  let timeShift = 0;
  // Of the questions to the portal the last that counts.
  let turn = 0;

  const store: ConfigStore = {
    current_: NO_CONFIG,
    serverNow_: (now = env.Date.now()) => now - timeShift * 1000,
    restored_: false,
    adopt_(value) {
      const config = checkConfig(value);
      turn++;
      const serverTime = Date.parse(config.serverTime as string);
      store.current_ = config;
      timeShift = Math.floor((env.Date.now() - serverTime) / 1000) || 0;
      reloadReason = "";
      store.restored_ = false;
    },
    restore_() {
      // What was in force before a stop may be another user's.
      store.current_ = NO_CONFIG;
      const kept = storage.get(KEY, {} as { config: PullConfig; timeShift: number });
      const told = options.configTimestamp;
      timeShift = kept.timeShift;
      const isGoodCopy = () =>
        isFresh(checkConfig(kept.config), store.serverNow_()) &&
        (told === undefined || +told === +(kept.config.server.config_timestamp || 0));
      if (quietly(isGoodCopy)) {
        store.current_ = kept.config;
        store.restored_ = true;
      }
    },
    sweep_() {
      for (const key of quietly(() => Object.keys(env.localStorage)) || []) {
        quietly(() => {
          if (!key.endsWith(KEY)) return;
          const { config, timeShift } = JSON.parse(env.localStorage.getItem(key) as string);
          if (!isFresh(config, env.Date.now() - timeShift * 1000)) env.localStorage.removeItem(key);
        });
      }
    },
    invalidate_(reason) {
      turn++;
      reloadReason = reason;
      store.restored_ = false;
      storage.remove(KEY);
    },
    isStale_: () => !!reloadReason || !isFresh(store.current_, store.serverNow_()),
    async ensure_() {
      if (store.isStale_()) {
        const mine = turn;
        const config = checkConfig(
          await callRest(options.configGetMethod, { CACHE: "N" }, reloadReason || FIRST_REASON),
        );
        // It may be another user's by now, or the page has given its own. Nobody waits for it any more.
        if (mine !== turn) return config;
        // Whoever was signed in is not made a nobody: the session may come back, and the page must not be left deaf.
        if (store.current_.channels.private && !config.channels.private) {
          throw new PullError("BAD_CONFIG", "no private channel: signed out?", 0);
        }
        store.adopt_(config);
        keep();
      }
      return store.current_;
    },
    replaceChannel_(channel) {
      const { current_: config } = store;
      store.current_ = { ...config, channels: { ...config.channels, [channel.type]: channel } };
      keep();
      // A token that names channels goes on naming the old one.
      if (config.jwt && (options.guestMode || channel.type !== "private")) {
        store.invalidate_("channel_expire");
      }
    },
  };

  function keep(): void {
    // Pages that do not say whose they are may be of different users: none keeps what the next one would use.
    if (+options.userId) storage.set(KEY, { config: store.current_, timeShift });
  }

  return store;
}
