import { firstGiven } from "../values";
import type { Gap } from "./session";

/** How a page configures the client; every value falls back to `BX.message`. */
export interface PullOptions {
  /** Signed-in user. Default: `BX.message.USER_ID`, else 0. */
  userId?: number;
  /** Site, part of the storage keys. Default: `BX.message.SITE_ID`, else "none" in the keys. */
  siteId?: string;
  /** False switches the client off: `start()` rejects. Default: off only when `BX.message.pull_server_enabled` says so. */
  serverEnabled?: boolean;
  /** The page is shown to a guest. Default: `BX.message.pull_guest_mode === "Y"`, or a guest id was given. */
  guestMode?: boolean;
  /** The guest's own id, below zero. Default: `BX.message.pull_guest_user_id`. */
  guestUserId?: number;
  /** Calls REST methods in place of the built-in caller, as `BX.rest` does. */
  restClient?: RestClient;
  /** Client id of an OAuth application: its configuration is asked for, and its channels are listened to. */
  restApplication?: string;
  /** REST method that answers the configuration. Default "pull.config.get", for applications "pull.application.config.get". */
  configGetMethod?: string;
  /** REST method that answers public channels. Default "pull.channel.public.list". */
  getPublicListMethod?: string;
  /** Keep nothing in the browser's storage, neither for the next pages nor over a reload. Default false. */
  skipStorageInit?: boolean;
  /** Work with servers of any API revision. Default false. */
  skipCheckRevision?: boolean;
  /** The `config_timestamp` the page was told: a cached configuration with another one is not used. */
  configTimestamp?: number;
  /** Where REST methods live; may carry a query. Default "/rest/". */
  restUrl?: string;
  /** Full address that answers the configuration, in place of `configGetMethod` under `restUrl`. */
  configUrl?: string;
  /** Configuration to start with when `start()` is given none. */
  config?: unknown;
  /**
   * Address of the worker's script (or a `TrustedScriptURL`) through which the browser's tabs share one connection,
   * relative to the bundle's. It takes a bundle that was built for it, and the page's own origin. Default: as built.
   */
  sharedWorker?: string | object | undefined;
  /** Families of BX events to raise. Default "both". */
  events?: "desktop" | "mobile" | "both";
  /** After the loss of a connection the first try follows within this time, milliseconds; each next bound is twice that. Default 5,000. */
  minReconnectDelay?: number;
  /** Longest wait between two tries, milliseconds. Default 30,000. */
  maxReconnectDelay?: number;
  /** How long a message to publish may wait for a connection, milliseconds; 0: not at all. Default 10,000. */
  publishWait?: number;
  /**
   * Events that come at once are handled for so long, milliseconds; then the page has its turn before the next ones.
   * `Infinity`: no limit. Default 16.
   */
  maxTaskTime?: number;
  /** Events are missing, `onPullGap` has told which: later ones wait until the promise it returns has settled. */
  onStateReload?: ((gap: Gap) => unknown) | undefined;
}

/** What a {@link RestClient} settles its promise with, well or badly. */
export interface RestReply {
  data(): unknown;
  /** The portal's refusal, `{error, error_description}`, or a sentence; falsy when there was none. */
  error(): unknown;
  /** HTTP status, if known. */
  status?: number;
}

/** The part of `BX.rest` that the client uses. */
export interface RestClient {
  callMethod(
    method: string,
    params?: object,
    callback?: undefined,
    sendCallback?: undefined,
    logTag?: string,
  ): Promise<RestReply>;
}

/** Options after the fall-backs. */
export interface ResolvedOptions extends Omit<PullOptions, "configTimestamp" | "siteId"> {
  configTimestamp: number | undefined;
  userId: number;
  siteId: string | undefined;
  serverEnabled: boolean;
  guestMode: boolean;
  guestUserId: number;
  configGetMethod: string;
  restUrl: string;
  minReconnectDelay: number;
  maxReconnectDelay: number;
  publishWait: number;
  maxTaskTime: number;
}

/** Fills in what the page did not say, from `BX.message` (its phrases are properties of the function). */
export function resolveOptions(options: PullOptions, phrases: Record<string, unknown>): ResolvedOptions {
  const guestUserId = +firstGiven(options.guestUserId, phrases.pull_guest_user_id as number, 0);
  const guestMode = firstGiven(
    options.guestMode,
    options.guestUserId ? true : phrases.pull_guest_mode === "Y",
  );
  return {
    ...options,
    configGetMethod:
      options.configGetMethod || `pull.${options.restApplication ? "application." : ""}config.get`,
    restUrl: options.restUrl || "/rest/",
    minReconnectDelay: +(options.minReconnectDelay as number) || 5000,
    maxReconnectDelay: +(options.maxReconnectDelay as number) || 30_000,
    publishWait: +firstGiven(options.publishWait, 10_000),
    maxTaskTime: +(options.maxTaskTime as number) || 16,
    configTimestamp: firstGiven(options.configTimestamp, phrases.pull_config_timestamp) as number | undefined,
    userId: guestMode ? guestUserId : firstGiven(options.userId, phrases.USER_ID as number, 0),
    siteId: firstGiven(options.siteId, phrases.SITE_ID as string),
    serverEnabled: firstGiven(options.serverEnabled, firstGiven(phrases.pull_server_enabled, "Y") === "Y"),
    guestMode,
    guestUserId,
  };
}
