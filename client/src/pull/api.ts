import type { PullConfig } from "./config";
import type { CommandHandler, SubscribeOptions } from "./subscriptions";

/** Methods of newer push servers, and the version each needs: over text frames they reject with `VERSION_NEEDED`. */
export const NEEDED_VERSION = {
  sendMessage: 4,
  sendMessageToChannels: 4,
  sendMessageBatch: 4,
  getUsersLastSeen: 5,
  ping: 5,
  listChannels: 5,
  subscribeUserStatusChange: 5,
  unsubscribeUserStatusChange: 5,
};

/** Methods that reject with `VERSION_NEEDED` over text frames. */
type NewerApi = Record<keyof typeof NEEDED_VERSION, (...args: unknown[]) => Promise<never>>;

/** `BX.PULL`: the API of protocol.md §9. */
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
  /** Closes the connection; nothing reconnects until `connect()`, `reconnect()` or `start()`. */
  disconnect(code?: number, reason?: string): void;
  /** Closes the connection, loads the configuration again and connects. */
  restart(code?: number, reason?: string): void;
  /** Closes the connection and connects again after `delay` seconds. */
  reconnect(code?: number, reason?: string, delay?: number): void;
  /** Listens to events; returns the function that ends it. Throws PullError for options it cannot use. */
  subscribe(target: SubscribeOptions | CommandHandler): () => void;
  attachCommandHandler(handler: CommandHandler): () => void;
  /** Delivers an event to this page's subscribers, without a server. */
  emit(event: { type?: string; moduleId?: string; data?: unknown }): void;
  /** Logs every event of this user to the console; on by default. */
  capturePullEvent(flag?: boolean): void;
  /** Logs the life of the connection to the console, remembered for a day; on by default. */
  enableLogging(flag?: boolean): void;
  /** State of the connection, without secrets. */
  getDebugInfo(): Record<string, unknown>;
  /** Keeps a watch tag alive on the portal; `force` renews it within 5 s. */
  extendWatch(tag: string, force?: boolean): void;
  clearWatch(tag: string): void;
  isConnected(): boolean;
  isWebSocketSupported(): boolean;
  isWebSocketEnabled(): boolean;
  isPublishingEnabled(): boolean;
  isJsonRpc(): boolean;
  isProtobufSupported(): boolean;
  isSharedMode(): boolean;
  /** 0 while no configuration is loaded. */
  getServerVersion(): number;
  /** "personal" or "shared"; empty while no configuration is loaded. */
  getServerMode(): string;
  /** API revision the server announced, or this client's. */
  getRevision(): number;
  /** A copy of the configuration in force, secrets included; null while none is loaded. */
  getConfig(): PullConfig | null;
}
