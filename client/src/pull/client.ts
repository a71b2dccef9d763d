import { clone } from "../bx/clone";
import { VersionError } from "../errors";
import type { PullConfig } from "./config";
import { CloseReasons, PullStatus, REVISION, SubscriptionType } from "./constants";
import { debugInfo } from "./debug";
import { type PullOptions, resolveOptions } from "./options";
import { createRuntime, type Runtime, type Surroundings } from "./runtime";
import { StorageManager } from "./storage";
import type { CommandHandler, SubscribeOptions } from "./subscriptions";

/** Server versions that brought publishing by browsers, and requests over the connection. */
const PUBLISHING = 4;
const REQUESTS = 5;

/** `BX.PullClient`: the API of protocol.md §9. */
export class PullClient {
  static readonly PullStatus = PullStatus;
  static readonly SubscriptionType = SubscriptionType;
  static readonly CloseReasons = CloseReasons;
  static readonly StorageManager = StorageManager;

  declare private readonly runtime: Runtime;

  constructor(options: PullOptions | undefined, surroundings: Surroundings) {
    const phrases = (surroundings.bx.BX.message ?? {}) as unknown as Record<string, unknown>;
    const runtime = createRuntime(resolveOptions(options ?? {}, phrases), surroundings);
    Object.defineProperty(this, "runtime", { value: runtime });
  }

  /**
   * Connects and stays connected. Resolves when connected; concurrent calls share one promise.
   *
   * @param config - a configuration to use in place of the portal's
   * @returns rejects with PullError: `PULL_DISABLED`, `PULL_STOPPED`, `AUTHORIZE_ERROR`, `BAD_CONFIG`, …;
   *   a network that is down is no rejection: the client goes on trying
   */
  start(config?: unknown): Promise<true> {
    return this.runtime.start(config);
  }

  /** Connects now, if it is not connected; after `disconnect()` too. */
  connect(): Promise<true> {
    return this.runtime.connect();
  }

  /** Closes the connection and ends every timer, listener and request; `start()` begins anew. */
  stop(code?: number, reason?: string): void {
    this.runtime.stop(code, reason);
  }

  /** Closes the connection; nothing reconnects until `connect()`, `reconnect()` or `start()`. */
  disconnect(code?: number, reason?: string): void {
    this.runtime.disconnect(code, reason);
  }

  /** Closes the connection, loads the configuration again and connects. */
  restart(code?: number, reason?: string): void {
    this.runtime.restart(code, reason);
  }

  /** Closes the connection and connects again after `delay` seconds. */
  reconnect(code?: number, reason?: string, delay = 0): void {
    this.runtime.reconnect(code, reason, delay * 1000);
  }

  /** Listens to events; returns the function that ends it. Throws UsageError for options it cannot use. */
  subscribe(target: SubscribeOptions | CommandHandler): () => void {
    return this.runtime.subscriptions.subscribe(target);
  }

  attachCommandHandler(handler: CommandHandler): () => void {
    return this.runtime.subscriptions.attach(handler);
  }

  /** Delivers an event to this page's subscribers, without a server. */
  emit(event: { type?: string; moduleId?: string; data?: unknown }): void {
    this.runtime.dispatcher.emit(
      event.type || SubscriptionType.Server,
      event.moduleId || "",
      event.data ?? {},
    );
  }

  /** Logs every event of this user to the console. */
  capturePullEvent(flag = true): void {
    this.runtime.capture.setActive(flag);
  }

  /** Logs the life of the connection to the console; remembered for a day. */
  enableLogging(flag = true): void {
    this.runtime.capture.setLogging(flag);
  }

  getDebugInfo(): Record<string, unknown> {
    return debugInfo(this.runtime);
  }

  /** Keeps a watch tag alive on the portal; `force` renews it within 5 s. */
  extendWatch(tag: string, force?: boolean): void {
    this.runtime.watch.extend(tag, force);
  }

  clearWatch(tag: string): void {
    this.runtime.watch.clear(tag);
  }

  isConnected(): boolean {
    return this.runtime.connector.isOpen();
  }

  isWebSocketSupported(): boolean {
    return !!this.runtime.env.openSocket;
  }

  isWebSocketEnabled(): boolean {
    const { current } = this.runtime.configs;
    return this.isWebSocketSupported() && !!current && current.server.websocket_enabled !== false;
  }

  isPublishingEnabled(): boolean {
    return this.runtime.codec.mode !== "text" && !!this.runtime.configs.current?.server.publish_enabled;
  }

  isJsonRpc(): boolean {
    return this.runtime.codec.mode === "json-rpc";
  }

  isProtobufSupported(): boolean {
    return this.runtime.codec.mode === "protobuf";
  }

  isSharedMode(): boolean {
    return this.getServerMode() === "shared";
  }

  /** 0 while no configuration is loaded. */
  getServerVersion(): number {
    return Number(this.runtime.configs.current?.server.version ?? 0);
  }

  getServerMode(): string {
    return this.runtime.configs.current?.server.mode ?? "";
  }

  /** API revision the server announced, or this client's. */
  getRevision(): number {
    return this.runtime.configs.current?.api?.revision_web ?? REVISION;
  }

  /** A copy of the configuration in force, secrets included; null while none is loaded. */
  getConfig(): PullConfig | null {
    return clone(this.runtime.configs.current);
  }

  sendMessage(..._message: unknown[]): Promise<never> {
    return this.needs("sendMessage", PUBLISHING);
  }

  sendMessageToChannels(..._message: unknown[]): Promise<never> {
    return this.needs("sendMessageToChannels", PUBLISHING);
  }

  sendMessageBatch(..._messages: unknown[]): Promise<never> {
    return this.needs("sendMessageBatch", PUBLISHING);
  }

  getUsersLastSeen(..._ids: unknown[]): Promise<never> {
    return this.needs("getUsersLastSeen", REQUESTS);
  }

  ping(..._timeout: unknown[]): Promise<never> {
    return this.needs("ping", REQUESTS);
  }

  listChannels(): Promise<never> {
    return this.needs("listChannels", REQUESTS);
  }

  subscribeUserStatusChange(..._args: unknown[]): Promise<never> {
    return this.needs("subscribeUserStatusChange", REQUESTS);
  }

  unsubscribeUserStatusChange(..._args: unknown[]): Promise<never> {
    return this.needs("unsubscribeUserStatusChange", REQUESTS);
  }

  private needs(method: string, version: number): Promise<never> {
    return Promise.reject(new VersionError(method, version, this.getServerVersion()));
  }
}
