import type { InstalledBx } from "../bx/install";
import { codecFor } from "../codec";
import type { Codec } from "../codec/types";
import type { Env } from "../env";
import { PullError, RestError } from "../errors";
import { createScope } from "../scope";
import { webSocketTransport } from "../transport/websocket";
import { createBus } from "./bus";
import { type Capture, createCapture } from "./capture";
import { connectUrl } from "./config";
import { type ConfigStore, createConfigStore } from "./config-store";
import { type Connector, createConnector } from "./connector";
import { CloseReasons, REVISION } from "./constants";
import { createDispatcher, type Dispatcher } from "./dispatch";
import type { ResolvedOptions } from "./options";
import { createReceiver } from "./receiver";
import { createRest } from "./rest";
import { createSession, type Session } from "./session";
import { createStatus } from "./status";
import { StorageManager } from "./storage";
import { createSubscriptions, type Subscriptions } from "./subscriptions";
import { createWatch, type WatchTags } from "./watch";

const SESSION_KEY = "bx-pull-session";
/** How long the position waits for the next page of this tab. */
const SESSION_TTL_MS = 20_000;
const CONFIG_CHECK_MS = 60_000;

/** What a client is put into. */
export interface Surroundings {
  env: Env;
  bx: InstalledBx;
  /** The event object of Pull events. */
  win: object;
}

/** The client's life: starting, staying connected, stopping. {@link PullClient} is its public face. */
export interface Runtime {
  readonly options: ResolvedOptions;
  readonly env: Env;
  readonly capture: Capture;
  readonly configs: ConfigStore;
  readonly connector: Connector;
  readonly dispatcher: Dispatcher;
  readonly session: Session;
  readonly subscriptions: Subscriptions;
  readonly watch: WatchTags;
  readonly codec: Codec;
  /** Address of the last attempt to connect; holds secrets. */
  readonly lastUrl: string;
  start(config?: unknown): Promise<true>;
  connect(): Promise<true>;
  stop(code?: number, reason?: string): void;
  disconnect(code?: number, reason?: string): void;
  restart(code?: number, reason?: string): void;
  reconnect(code?: number, reason?: string, delayMs?: number): void;
}

interface Opening {
  promise: Promise<true>;
  resolve(value: true): void;
  reject(error: Error): void;
}

export function createRuntime(options: ResolvedOptions, { env, bx, win }: Surroundings): Runtime {
  const kept = (storage: Storage | null) =>
    new StorageManager({ ...options, storage: options.skipStorageInit ? null : storage });
  const storage = kept(env.localStorage);
  // The position belongs to this tab alone: another tab must not continue from it.
  const tabStorage = kept(env.sessionStorage);

  const scope = createScope(env);
  const capture = createCapture(env, storage);
  const subscriptions = createSubscriptions();
  const dispatcher = createDispatcher(env, createBus(bx, win), subscriptions, capture, options.events);
  const status = createStatus(scope, (value) =>
    dispatcher.announce("onPullStatus", { status: value }, (data) => [data.status], "status"),
  );
  const session = createSession();

  let running = false;
  // The page disconnected by hand: only the page connects again.
  let held = false;
  let disabled: PullError | undefined;
  let opening: Opening | undefined;
  let requests = new AbortController();
  let lastUrl = "";
  let codec = codecFor(0);

  const callRest = createRest(
    env,
    options,
    () => String(bx.BX.bitrix_sessid?.() || ""),
    () => requests.signal,
  );
  const configs = createConfigStore(env, options, storage, callRest);
  const watch = createWatch(scope, callRest, capture.log);

  const connector = createConnector(env, scope, webSocketTransport(env), {
    async prepare() {
      const config = await configs.ensure();
      if (!checkRevision(config.api?.revision_web)) throw disabled;
      codec = codecFor(Number(config.server.version ?? 1));
      lastUrl = connectUrl(config, env.isSecure(), codec.query, session.position, REVISION);
      return lastUrl;
    },
    onOpen() {
      capture.log("connected");
      status.announce("online");
      opening?.resolve(true);
      opening = undefined;
    },
    onMessage: (data) => receive(data, codec),
    onLost(code, reason) {
      capture.log(`connection lost: ${code} ${reason}`);
      if (code === CloseReasons.WRONG_CHANNEL_ID) configs.invalidate("4010_wrong_channel_id");
      status.lost();
    },
    onRetry(why, delayMs) {
      const message = `${why}; next try in ${Math.round(delayMs / 100) / 10} s`;
      // The first wait after a loss is ordinary; a second says that something is wrong.
      if (connector.failures > 1) env.print("warn", `[bxpull] ${message}`);
      else capture.log(message);
    },
    onFatal(error) {
      if (error instanceof RestError && error.unauthorized) {
        dispatcher.announce("onPullError", { error: "AUTHORIZE_ERROR" }, (data) => [data.error]);
      }
      if (!opening) env.print("error", `[bxpull] ${error.message}`);
      halt(error);
    },
  });

  const receive = createReceiver({
    env,
    session,
    dispatcher,
    timeShift: () => configs.timeShift,
    checkRevision,
    system: {
      replaceChannel: configs.replaceChannel,
      restart,
      reconnect,
      log: capture.log,
    },
  });

  function checkRevision(announced: unknown): boolean {
    const server = Number(announced) || 0;
    if (options.skipCheckRevision || server <= 0 || server === REVISION) return true;
    disabled = new PullError(
      "REVISION_MISMATCH",
      `the push server has API revision ${server}, this page has ${REVISION}: reload the page`,
    );
    connector.close(CloseReasons.NORMAL_CLOSURE, "check_revision");
    dispatcher.announce(
      "onPullRevisionUp",
      { server, client: REVISION },
      (data) => [data.server, data.client],
      "revision",
    );
    halt(disabled);
    return false;
  }

  /** Ends everything that runs: timers, listeners, requests, and whoever waits for the connection. */
  function halt(error: Error): void {
    running = false;
    requests.abort();
    watch.stop();
    scope.dispose();
    status.stopped();
    opening?.reject(error);
    opening = undefined;
  }

  function begin(): void {
    running = true;
    requests = new AbortController();
    const previous = tabStorage.get<{ mid: string; at: number } | null>(SESSION_KEY, null);
    tabStorage.remove(SESSION_KEY);
    if (previous?.mid && !session.position.mid && env.now() - previous.at < SESSION_TTL_MS) {
      session.resume(previous.mid);
    }
    scope.listen("online", wake);
    scope.listen("visibilitychange", () => env.isVisible() && wake());
    scope.listen("pagehide", () => {
      status.setUnloading(true);
      if (session.position.mid) tabStorage.set(SESSION_KEY, { mid: session.position.mid, at: env.now() });
    });
    scope.listen("pageshow", () => {
      status.setUnloading(false);
      wake();
    });
    scope.after(CONFIG_CHECK_MS, checkConfigAge);
    watch.start();
    status.announce("connect");
  }

  /** The page can probably connect now: do not wait for the next try. */
  function wake(): void {
    if (running && !held) connector.open();
  }

  function checkConfigAge(): void {
    scope.after(CONFIG_CHECK_MS, checkConfigAge);
    if (connector.isOpen() && configs.isStale()) restart(CloseReasons.CONFIG_EXPIRED, "config expired");
  }

  function whenOpen(): Promise<true> {
    if (connector.isOpen()) return Promise.resolve(true);
    if (!opening) {
      const own = {} as Opening;
      own.promise = new Promise<true>((resolve, reject) => Object.assign(own, { resolve, reject }));
      opening = own;
    }
    return opening.promise;
  }

  function start(config?: unknown): Promise<true> {
    if (!options.serverEnabled) {
      disabled = new PullError(
        "PULL_DISABLED",
        "the Pull client is switched off on this page (pull_server_enabled)",
      );
    }
    if (disabled) return Promise.reject(disabled);
    if (!running) {
      try {
        const given = config ?? options.config;
        if (given) configs.adopt(given);
        else if (!configs.current) configs.restore();
      } catch (error) {
        return Promise.reject(error);
      }
      begin();
    }
    return connect();
  }

  function connect(): Promise<true> {
    if (!running) return start();
    held = false;
    const opened = whenOpen();
    connector.open();
    return opened;
  }

  function stop(code: number = CloseReasons.MANUAL, reason = "manual"): void {
    held = false;
    connector.close(code, reason);
    if (running) halt(new PullError("PULL_STOPPED", "the Pull client was stopped"));
  }

  function disconnect(code: number = CloseReasons.MANUAL, reason = "manual"): void {
    held = true;
    connector.close(code, reason);
    if (running) status.offlineSoon();
    opening?.reject(new PullError("PULL_STOPPED", "the Pull client was disconnected"));
    opening = undefined;
  }

  function restart(code: number = CloseReasons.MANUAL, reason = "manual"): void {
    configs.invalidate(`${code}_${reason.replace(/\s+/g, "_")}`);
    reconnect(code, reason);
  }

  function reconnect(code: number = CloseReasons.MANUAL, reason = "manual", delayMs = 0): void {
    if (disabled || !running) {
      // As page code expects: whatever state the client is in, it connects.
      if (!disabled) start().catch((error: Error) => env.print("error", `[bxpull] ${error.message}`));
      return;
    }
    held = false;
    status.lost();
    connector.reopen(code, reason, delayMs);
  }

  return {
    options,
    env,
    capture,
    configs,
    connector,
    dispatcher,
    session,
    subscriptions,
    watch,
    get codec() {
      return codec;
    },
    get lastUrl() {
      return lastUrl;
    },
    start,
    connect,
    stop,
    disconnect,
    restart,
    reconnect,
  };
}
