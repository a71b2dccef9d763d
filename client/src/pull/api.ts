import type { CommandOf, ModuleOf, ParamsOf } from "../public/events";
import type { AttachHandler, Subscribe } from "../public/subscribe";
import type { PullConfig } from "./config";
import type { PullOptions } from "./options";
import type { StateCallback } from "./state";

/** All methods, the same as those of {@link PullApi}. */
export const METHODS: readonly string[] = (
  "start connect stop destroy disconnect restart reconnect subscribe attachCommandHandler emit capturePullEvent " +
  "enableLogging getDebugInfo extendWatch clearWatch onState onStateReload isConnected isWebSocketSupported " +
  "isWebSocketEnabled isPublishingEnabled isJsonRpc isProtobufSupported isSharedMode getServerVersion " +
  "getServerMode getRevision getConfig sendMessage sendMessageToChannels sendMessageBatch getUsersLastSeen ping " +
  "listChannels subscribeUserStatusChange unsubscribeUserStatusChange"
).split(" ");

/** A user: the number, or its digits. */
export type UserId = number | string;

/** A message to publish. */
export interface Publication {
  /** Users who get it. */
  userList?: readonly UserId[] | UserId | undefined;
  /** Signed public ids of channels whose subscribers get it. */
  channelList?: readonly string[] | string | undefined;
  body: { module_id: string; command: string; params?: unknown };
  /** How long the server keeps it for who is not connected, seconds. Default: as it likes; version 4 not at all. */
  expiry?: number | undefined;
}

/**
 * Publishing from the browser, from server version 4 on. The promises resolve with the server's answer (version 5;
 * an array of them for a batch) or with true. They reject with PullError, whose message names the users, and the
 * fingerprints of the channels, that the message was for. See {@link PullError} for the codes.
 */
export interface PublishingApi {
  /**
   * Publishes to users, whose pages get `onPullClientEvent`.
   *
   * @param params - an object
   * @param expiry - how long the server keeps it for who is not connected, seconds
   */
  sendMessage<M extends ModuleOf<BxPullClientEvents>, C extends CommandOf<BxPullClientEvents, M>>(
    users: readonly UserId[] | UserId,
    moduleId: M,
    command: C,
    params?: ParamsOf<BxPullClientEvents, M, C>,
    expiry?: number,
  ): Promise<unknown>;
  /** The same to channels. @param channels - signed public ids, `<id>.<signature>` */
  sendMessageToChannels<M extends ModuleOf<BxPullClientEvents>, C extends CommandOf<BxPullClientEvents, M>>(
    channels: readonly string[] | string,
    moduleId: M,
    command: C,
    params?: ParamsOf<BxPullClientEvents, M, C>,
    expiry?: number,
  ): Promise<unknown>;
  /** Up to 100 messages at once. */
  sendMessageBatch(messages: readonly Publication[]): Promise<unknown>;
}

/** Told when a user comes or goes. */
export type StatusCallback = (status: { userId: UserId; isOnline: boolean }) => unknown;

/** Who comes and goes, from server version 5 on. */
export interface UserStatusApi {
  /** Calls back when the user comes or goes, over reconnects too. Resolves once the server has agreed. */
  subscribeUserStatusChange(userId: UserId, callback: StatusCallback): Promise<unknown>;
  /** Ends that at once; the server is told when the user's last callback goes. */
  unsubscribeUserStatusChange(userId: UserId, callback: StatusCallback): Promise<unknown>;
}

/**
 * Methods of newer push servers. With an older one they reject with `VERSION_NEEDED`, before there is a connection
 * with `NOT_CONNECTED`.
 */
export interface NewerApi extends PublishingApi, UserStatusApi {
  /** Seconds since each user was seen, by user: 0 for who is online; who never was is missing. Version 5. */
  getUsersLastSeen(userIds: readonly UserId[]): Promise<Record<string, number>>;
  /** Resolves when the server has answered. Version 5. @param timeout - seconds; default 5 */
  ping(timeout?: number): Promise<unknown>;
  /** What this connection listens to, as the server says it, ids included. Version 5. */
  listChannels(): Promise<unknown[]>;
}

/** `BX.PULL`; docs/client.md has every method. */
export interface PullApi extends NewerApi {
  /**
   * Connects and stays connected. Resolves when connected; concurrent calls share one promise.
   *
   * @param config - a configuration to use in place of the portal's
   * @returns rejects with PullError: `PULL_DISABLED`, `PULL_STOPPED`, `AUTHORIZE_ERROR`, `BAD_CONFIG`, …;
   *   a network that is down is no rejection: the client goes on trying
   */
  start(config?: unknown): Promise<true>;
  /** Connects now, if it is not connected; after `disconnect()` too. */
  connect(): Promise<true>;
  /** Closes the connection and ends every timer, listener and request; `start()` begins anew. */
  stop(code?: number, reason?: string): void;
  /** `stop()` for good: subscriptions and all that is kept in storage go, and `start()` rejects with `PULL_DESTROYED`. */
  destroy(): void;
  /** Closes the connection; nothing reconnects until `connect()`, `reconnect()` or `start()`. */
  disconnect(code?: number, reason?: string): void;
  /** Closes the connection, loads the configuration again and connects. */
  restart(code?: number, reason?: string): void;
  /** Closes the connection and connects again after `delay` seconds. */
  reconnect(code?: number, reason?: string, delay?: number): void;
  /** Listens to events; returns the function that ends it. Throws PullError for options it cannot use. */
  subscribe: Subscribe;
  /** The same as `subscribe(handler)`. */
  attachCommandHandler: AttachHandler;
  /** Delivers an event to this page's subscribers, without a server. Throws PullError for options it cannot use. */
  emit(event: { type?: string; moduleId?: string; data?: unknown }): void;
  /** Logs every event of this user to the console; on by default. */
  capturePullEvent(flag?: boolean): void;
  /** Logs the life of the connection to the console, remembered for a day; on by default. */
  enableLogging(flag?: boolean): void;
  /** State of the connection; `unsafe` shows the secrets in its address, which are fingerprints else. */
  getDebugInfo(options?: { unsafe?: boolean }): Record<string, unknown>;
  /** Keeps a watch tag alive on the portal; `force` renews it within 5 s. */
  extendWatch(tag: string, force?: boolean): void;
  /** Lets the tag run out. */
  clearWatch(tag: string): void;
  /** Calls back with the state of the connection, now and whenever it changes; returns the function that ends it. */
  onState(callback: StateCallback): () => void;
  /** Sets or, with nothing, removes the hook {@link PullOptions.onStateReload}. */
  onStateReload(hook?: PullOptions["onStateReload"]): void;
  /** Can events arrive now? */
  isConnected(): boolean;
  /** Has the browser WebSockets? */
  isWebSocketSupported(): boolean;
  /** Does the server offer one, too? */
  isWebSocketEnabled(): boolean;
  /** May the page publish? The configuration allows it, and it is not over text frames. */
  isPublishingEnabled(): boolean;
  /** Does the connection speak JSON-RPC? */
  isJsonRpc(): boolean;
  /** Does the connection speak protobuf? */
  isProtobufSupported(): boolean;
  /** Is the server a cloud server? */
  isSharedMode(): boolean;
  /** 0 while no configuration is loaded. */
  getServerVersion(): number;
  /** "personal" or "shared"; empty while no configuration is loaded. */
  getServerMode(): string;
  /** API revision of this client. */
  getRevision(): number;
  /** A copy of the configuration in force, secrets included; null while none is loaded. */
  getConfig(): PullConfig | null;
}
