import type { InstalledBx } from "../bx/install";
import { createRegistry } from "../bx/registry";
import type { Win } from "../bx/types";
import { codecFor } from "../codec";
import type { Codec } from "../codec/types";
import type { Env } from "../env";
import { PullError } from "../errors";
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
  win: Win;
}

/** The client's life: starting, staying connected, stopping. */
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
  /** Format of the connection. */
  codec: Codec;
  /** Address of the last attempt to connect; holds secrets. */
  lastUrl: string;
  readonly controls: Controls;
}

/** What page code can do to the connection; see PullApi. */
export interface Controls {
  start(config?: unknown): Promise<true>;
  connect(): Promise<true>;
  stop(code?: number, reason?: string): void;
  disconnect(code?: number, reason?: string): void;
  restart(code?: number, reason?: string): void;
  reconnect(code?: number, reason?: string, delay?: number): void;
}

const { MANUAL, NORMAL_CLOSURE, CONFIG_EXPIRED, WRONG_CHANNEL_ID } = CloseReasons;

export function createRuntime(options: ResolvedOptions, { env, bx, win }: Surroundings): Runtime {
  const keptIn = (storage: Storage | null) =>
    new StorageManager({ ...options, storage: options.skipStorageInit ? null : storage });
  const storage = keptIn(env.localStorage);
  // The position belongs to this tab alone: another tab must not continue from it.
  const tabStorage = keptIn(env.sessionStorage);

  const scope = createScope(env);
  const capture = createCapture(env, storage);
  const { log } = capture;
  const subscribers = createRegistry(win);
  const dispatcher = createDispatcher(env, createBus(bx, win), subscribers, capture, options.events);
  const status = createStatus(scope, (value) =>
    dispatcher.announce("onPullStatus", { status: value }, (data) => [data.status], "status"),
  );
  const session = createSession();

  let running = false;
  // The page disconnected by hand: only the page connects again.
  let held = false;
  let disabled: PullError | undefined;
  // The promise of whoever waits for the connection, and what settles it.
  let opened: Promise<true> | undefined;
  let settle: (error?: Error) => void = () => {};
  let requests: AbortController;

  const callRest = createRest(env, options, bx.BX.bitrix_sessid, () => requests.signal);
  const configs = createConfigStore(env, options, storage, callRest);
  const watch = createWatch(scope, callRest, log);

  const connector = createConnector(env, scope, webSocketTransport(env), {
    async prepare() {
      const config = await configs.ensure();
      checkRevision(config.api && config.api.revision_web);
      if (disabled) throw disabled;
      runtime.codec = codecFor(config.server.version);
      runtime.lastUrl = connectUrl(config, env.isSecure(), runtime.codec.query, session.position);
      return runtime.lastUrl;
    },
    onOpen() {
      log("connected");
      status.announce("online");
      settle();
    },
    onMessage: (data) => receive(data, runtime.codec),
    onLost(code, reason) {
      log(`connection lost: ${code} ${reason}`);
      if (code === WRONG_CHANNEL_ID) configs.invalidate("4010_wrong_channel_id");
      status.lost();
    },
    onRetry(why, delayMs) {
      const message = `${why}; next try in ${Math.ceil(delayMs / 1000)} s`;
      // The first wait after a loss is ordinary; a second says that something is wrong.
      if (connector.failures > 1) env.print("warn", message);
      else log(message);
    },
    onFatal(error) {
      if (error.status === 401 || error.status === 403) {
        dispatcher.announce("onPullError", "AUTHORIZE_ERROR", (code) => [code]);
      }
      // Whoever waits for start() is told by its promise.
      if (!opened) env.print("error", error.message);
      halt(error);
    },
  });

  const receive = createReceiver({
    env,
    session,
    dispatcher,
    configs,
    checkRevision,
    system: { replaceChannel: configs.replaceChannel, restart, reconnect, log },
  });

  /** False, and the client is disabled, when the server's API revision is not ours. */
  function checkRevision(announced: unknown): boolean {
    const server = Number(announced) || REVISION;
    if (options.skipCheckRevision || server === REVISION) return true;
    disabled = new PullError(
      "REVISION_MISMATCH",
      `the server has API revision ${server}, this page has ${REVISION}: reload the page`,
    );
    connector.close(NORMAL_CLOSURE, "check_revision");
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
    watch.run(false);
    scope.dispose();
    status.stopped();
    settle(error);
  }

  function begin(): void {
    running = true;
    requests = new AbortController();
    const { mid, at } = tabStorage.get(SESSION_KEY, { mid: "", at: 0 });
    tabStorage.remove(SESSION_KEY);
    if (mid && !session.position.mid && env.now() - at < SESSION_TTL_MS) session.resume(mid);

    // The page can probably connect now: do not wait for the next try.
    const wake = ({ type }: Event) => {
      if (type === "pageshow") status.setUnloading(false);
      if (!held && env.isVisible()) connector.open();
    };
    for (const type of ["online", "pageshow", "visibilitychange"]) scope.listen(type, wake);
    scope.listen("pagehide", () => {
      status.setUnloading(true);
      if (session.position.mid) tabStorage.set(SESSION_KEY, { mid: session.position.mid, at: env.now() });
    });
    checkConfigAge();
    watch.run(true);
    status.announce("connect");
  }

  function checkConfigAge(): void {
    scope.after(CONFIG_CHECK_MS, checkConfigAge);
    if (connector.isOpen() && configs.isStale()) restart(CONFIG_EXPIRED, "config expired");
  }

  function start(config = options.config): Promise<true> {
    try {
      if (!options.serverEnabled)
        throw new PullError("PULL_DISABLED", "BX.message.pull_server_enabled is not Y");
      if (disabled) throw disabled;
      if (!running) {
        if (config) configs.adopt(config);
        else configs.restore();
        begin();
      }
    } catch (error) {
      return Promise.reject(error);
    }
    held = false;
    if (connector.isOpen()) return Promise.resolve(true);
    opened ||= new Promise((resolve, reject) => {
      settle = (error) => {
        opened = undefined;
        if (error) reject(error);
        else resolve(true);
      };
    });
    const promise = opened;
    connector.open();
    return promise;
  }

  function stop(code: number = MANUAL, reason = "manual"): void {
    connector.close(code, reason);
    if (running) halt(new PullError("PULL_STOPPED", "the client was stopped"));
  }

  function disconnect(code: number = MANUAL, reason = "manual"): void {
    held = true;
    connector.close(code, reason);
    if (running) status.offlineSoon();
    settle(new PullError("PULL_STOPPED", "the client was stopped"));
  }

  function restart(code: number = MANUAL, reason = "manual"): void {
    configs.invalidate(`${code}_${reason.replace(/\s+/g, "_")}`);
    reconnect(code, reason);
  }

  function reconnect(code: number = MANUAL, reason = "manual", delay = 0): void {
    if (running) {
      held = false;
      status.lost();
      connector.reopen(code, reason, delay * 1000);
    } else if (!disabled) {
      // As page code expects: whatever state the client is in, it connects.
      start().catch((error: Error) => env.print("error", error.message));
    }
  }

  const runtime: Runtime = {
    options,
    env,
    capture,
    configs,
    connector,
    dispatcher,
    session,
    subscriptions: createSubscriptions(subscribers),
    watch,
    codec: codecFor(0),
    lastUrl: "",
    controls: { start, connect: () => start(), stop, disconnect, restart, reconnect },
  };
  return runtime;
}
