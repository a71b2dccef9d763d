import { clone } from "../bx/clone";
import { print, reportError } from "../bx/report";
import type { InstalledBx } from "../bx/types";
import type { Env } from "../env";
import { connectionLost, notConnected, PullError } from "../errors";
import { choosePeer } from "../protocols/choose";
import { createPending } from "../protocols/pending";
import type { Host, Peer, Protocol } from "../protocols/types";
import { createScope } from "../scope";
import { BLOCKED_KEY, LOGGING_KEY } from "../storage-keys";
import {
  CONFIG_EXPIRED,
  CONFIG_REPLACED,
  MANUAL,
  NORMAL_CLOSURE,
  WRONG_CHANNEL_ID,
} from "../transport/close-codes";
import type { StandIn } from "../transport/long-polling";
import type { Target } from "../transport/types";
import { watchdog } from "../transport/watchdog";
import { webSocketTransport } from "../transport/websocket";
import { METHODS, type NewerApi, type PullApi } from "./api";
import { createCapture } from "./capture";
import { connectTarget, NO_CONFIG } from "./config";
import { createConfigStore } from "./config-store";
import { createConnector } from "./connector";
import { REVISION } from "./constants";
import { debugInfo } from "./debug";
import { createDispatcher } from "./dispatch";
import { createHandOver } from "./hand-over";
import { type PullOptions, type ResolvedOptions, resolveOptions } from "./options";
import { createReceiver } from "./receiver";
import { createRest } from "./rest";
import { createSession } from "./session";
import { createState } from "./state";
import { createStatus } from "./status";
import { StorageManager } from "./storage";
import { createSubscriptions } from "./subscriptions";
import { createSystem } from "./system";
import { createWatch } from "./watch";

const CONFIG_CHECK_MS = 60_000;
/** Mids begin with ten digits of unix seconds; the rest is a counter. */
const MID_COUNTER = "0000000000000000";
/** How much a mid made up from the clock is put back, seconds: the server's may differ. */
const MID_MARGIN_S = 2;

/**
 * The client's parts put together, and its life: starting, staying connected, stopping.
 *
 * @param env - the page's window; the event object of Pull events, too
 * @param standIn - other ways to connect, if there are any in the bundle
 */
export function createRuntime(
  given: PullOptions,
  bx: InstalledBx,
  env: Env,
  protocols: readonly Protocol[],
  standIn: StandIn | undefined,
): PullApi {
  const complain = ({ message }: Error) => print(env, "error", message);
  const warn = (message: string) => print(env, "warn", message);
  // Read again at every start: a page may set BX.message after this script was loaded.
  const options = {} as ResolvedOptions;
  const readOptions = () => Object.assign(options, resolveOptions(given, bx.BX.message));
  readOptions();
  const storage = new StorageManager(options, () => env.localStorage);

  const scope = createScope(env);
  const capture = createCapture(env, storage);
  const { log_: log } = capture;
  const { subscribe, find_: subscribers, clear_: clearSubscriptions } = createSubscriptions();
  const dispatcher = createDispatcher(env, bx, subscribers, capture, options);
  const status = createStatus(scope, (value) =>
    dispatcher.announce_("onPullStatus", { status: value }, "status"),
  );
  const session = createSession();
  const handOver = createHandOver(env, new StorageManager(options, () => env.sessionStorage), session);
  const outages = createPending(scope);
  const endOutage = () => outages.fail_(connectionLost());

  // Called after a gap; later events wait for it.
  let reload = given.onStateReload;
  // Between start and stop.
  let running = false;
  // The page disconnected by hand: only the page connects again.
  let held = false;
  // An open connection was lost, and the page has not been told yet.
  let lost = false;
  let disabled: PullError | undefined;
  // The promise of whoever waits for the connection, and what settles it.
  let opened: Promise<true> | undefined;
  let settle: (error?: Error) => void = () => {};
  // Who speaks to the server of the current configuration, and where it is.
  let peer: Peer | undefined;
  let target: Partial<Target> = {};
  // Of the messages that wait through an outage the last: what is sent when there is a connection comes after it.
  let lastSend: Promise<unknown> | undefined;

  const callRest = createRest(env, options, bx.BX, scope);
  const configs = createConfigStore(env, options, storage, callRest);
  const watch = createWatch(scope, callRest, log);

  const sockets = watchdog(env, webSocketTransport(env));
  const transport = standIn ? standIn(env, sockets, storage, session, options, warn) : sockets;
  const connector = createConnector(env, scope, transport, options, {
    async prepare_(why) {
      state.set_("connecting", why);
      if (lost) status.lost_();
      lost = false;
      // A callback of onState() may have ended it.
      if (!running || held) throw stopped();
      const config = await configs.ensure_();
      checkRevision(Object(config.api).revision_web);
      if (disabled) throw disabled;
      peer = choosePeer(peers, config.server.version);
      target = connectTarget(config, env, peer, session);
      return target as Target;
    },
    onOpen_() {
      log("connected");
      configs.restored_ = false;
      const isResumed = session.position_.mid || session.anchor_;
      if (!isResumed && !server().verdict) {
        // Something to resume from, should no event come before the connection is lost.
        session.anchor_ = Math.floor(configs.serverNow_() / 1000) - MID_MARGIN_S + MID_COUNTER;
      }
      // A socket may take the place of an open one: no news.
      if (state.current_.state !== "connected") {
        state.current_.resume = isResumed ? "unknown" : "fresh";
        state.set_("connected");
      }
      // The same.
      if (!connector.isOpen_()) return;
      settle();
      endOutage();
      (peer as Peer).onOpen_();
      // Last: a handler may stop the client, and start it again.
      status.announce_("online");
    },
    onMessage_(frame) {
      return receiver.receive_(frame, peer as Peer, server().verdict);
    },
    onEnd_(code, reason, wasLost) {
      receiver.forget_();
      (peer as Peer).onClose_(code, reason);
      if (code === WRONG_CHANNEL_ID) configs.invalidate_("4010_wrong_channel_id");
      if (wasLost) {
        // "connect" is announced by the next try: Firefox closes sockets before it says that the page unloads.
        lost = true;
        status.offlineSoon_();
      }
    },
    onRetry_(why, delayMs) {
      state.set_("waiting", why, env.Date.now() + delayMs);
      // A copy that an earlier page left may name a server that has moved.
      if (configs.restored_) configs.invalidate_("connect_failed");
      // The first wait after a loss is ordinary; a second says that something is wrong.
      (connector.failures_ > 1 ? warn : log)(`${why}; next in ${delayMs | 0} ms`);
    },
    onFatal_(error) {
      // Whoever waits for start() is told by its promise.
      if (!opened) complain(error);
      // The next page is to ask anew.
      configs.invalidate_("");
      halt(error);
      if ([401, 403].includes(error.status)) {
        dispatcher.announce_("onPullError", { code: "AUTHORIZE_ERROR" });
      }
    },
  });

  const state = createState(env, () => connector.failures_);
  const receiver = createReceiver(
    env,
    scope,
    options,
    session,
    dispatcher,
    configs,
    createSystem(configs.replaceChannel_, restart, reconnect, judge, env, log),
    log,
    warn,
    checkRevision,
  );
  const host: Host = {
    ...connector,
    env_: env,
    scope_: scope,
    configs_: configs,
    subscribe_: subscribe,
    options_: options,
    callRest_: callRest,
    warn_: warn,
    reconnect_: reconnect,
  };
  const peers = protocols.map((protocol) => protocol(host));

  /** The server has said whether its history covers the position from which this connection resumes. */
  function judge(verdict: unknown): void {
    if (!server().verdict) return;
    const isResumed = session.position_.mid;
    const gap = session.judge_(Object(verdict));
    if (isResumed) state.resume_(gap ? "gap" : "recovered");
    if (!gap) return;
    warn(`may miss ${gap.after} to ${gap.through}`);
    dispatcher.announce_("onPullGap", { gap });
    if (reload) {
      const done = async () => (reload as NonNullable<typeof reload>)({ ...gap });
      receiver.pause_(done().catch((error) => reportError(env, error, "onStateReload failed")));
    }
  }

  /**
   * False when nothing more of a frame may be delivered: the client was stopped or disconnected, or is now, for the
   * server's API revision. Or it is connecting anew, to a server that keeps the order, and so sends the rest again: it
   * may be newer than events of a channel that this connection did not have.
   */
  function checkRevision(announced?: unknown): boolean {
    const revision = +(announced as number);
    if (options.skipCheckRevision || !(revision > 0) || revision === REVISION)
      return connector.isOpen_() || (running && !held && !server().verdict);
    disabled = new PullError("REVISION_MISMATCH", `revision ${revision}: reload the page`);
    connector.close_(NORMAL_CLOSURE, "check_revision");
    dispatcher.announce_("onPullRevisionUp", { server: revision, client: REVISION }, "revision");
    halt(disabled);
    return false;
  }

  /** Ends everything that runs: timers, listeners, requests, and whoever waits for the connection. */
  function halt(error: Error): void {
    running = lost = false;
    // Back, if the page was leaving: nothing is kept for another one.
    handOver.take_();
    receiver.forget_();
    watch.run_(false);
    scope.dispose_();
    endOutage();
    settle(error);
    state.set_("stopped", error.message);
    // A callback may have started it again.
    if (!running) status.stopped_();
  }

  function begin(): void {
    running = true;
    configs.sweep_();
    handOver.take_();
    // The page can probably connect now: do not wait for the next try. A hidden page may wait, but not offline.
    const wake = ({ type }: Event) => {
      if (type === "pageshow") status.unloading_ = false;
      if (!held && (type === "online" || !env.document.hidden)) connector.open_(type);
    };
    scope.listen_("online", wake);
    scope.listen_("pageshow", wake);
    scope.listen_("visibilitychange", wake);
    scope.listen_("pagehide", () => {
      status.unloading_ = true;
      // Browsers keep no page with an open connection for the way back.
      lost ||= connector.isOpen_();
      connector.close_(NORMAL_CLOSURE, "page hidden");
      handOver.leave_();
      if (!held) state.set_("suspended", "pagehide");
    });
    checkConfigAge();
    capture.restore_();
    watch.run_(true);
    status.unloading_ = false;
  }

  function checkConfigAge(): void {
    scope.after_(CONFIG_CHECK_MS, checkConfigAge);
    if (connector.isOpen_() && configs.isStale_()) restart(CONFIG_EXPIRED, "config expired");
  }

  function start(config?: unknown): Promise<true> {
    const begins = !running;
    try {
      const own = config || (begins && given.config);
      const { userId } = options;
      if (begins) readOptions();
      // One user's position is no other's.
      if (userId !== options.userId) session.resume_("");
      if (!options.serverEnabled) throw new PullError("PULL_DISABLED", "off by serverEnabled");
      if (disabled) throw disabled;
      if (own) {
        // The same of another moment is no other one.
        const before = JSON.stringify({ ...configs.current_, serverTime: 0 });
        configs.adopt_(own);
        if (running && before !== JSON.stringify({ ...configs.current_, serverTime: 0 })) {
          // No callback is called yet, which could end it. The next try tells that it was lost.
          lost ||= connector.isOpen_();
          connector.close_(CONFIG_REPLACED, "config was replaced");
        }
      }
      if (begins) {
        if (!own) configs.restore_();
        begin();
      }
    } catch (error) {
      return Promise.reject(error);
    }
    held = false;
    if (connector.isOpen_()) return Promise.resolve(true);
    opened ||= new Promise((resolve, reject) => {
      settle = (error) => {
        opened = undefined;
        if (error) reject(error);
        else resolve(true);
      };
    });
    const result = opened;
    connector.open_("start");
    // Last: a handler may stop the client.
    if (begins && running) status.announce_("connect");
    return result;
  }

  const stopped = () => new PullError("PULL_STOPPED", "stopped");

  function stop(code: number = MANUAL, reason = "manual"): void {
    connector.close_(code, reason);
    // An answer that is still on its way is of no use either.
    configs.invalidate_("");
    storage.remove(BLOCKED_KEY);
    // Last: a handler may start it again.
    if (running) halt(stopped());
  }

  function destroy(): void {
    disabled = new PullError("PULL_DESTROYED", "destroyed");
    stop();
    storage.remove(LOGGING_KEY);
    clearSubscriptions();
    state.set_("destroyed", "destroy()");
  }

  function disconnect(code: number = MANUAL, reason = "manual"): void {
    held = true;
    connector.close_(code, reason);
    endOutage();
    settle(stopped());
    if (running) {
      status.offlineSoon_();
      // Last: a callback may connect again.
      state.set_("disconnected", reason);
    }
  }

  function restart(code: number = MANUAL, reason = "manual"): void {
    configs.invalidate_(`${code} ${reason}`.replace(/\s+/g, "_"));
    reconnect(code, reason);
  }

  function reconnect(code: number = MANUAL, reason = "manual", delay = 0): void {
    if (running) {
      held = false;
      connector.reopen_(code, reason, delay * 1000);
      status.lost_();
    } else if (!disabled) {
      // As page code expects: whatever state the client is in, it connects.
      start().catch(complain);
    }
  }

  const speaks = (mode: Peer["mode_"]) => Object(peer).mode_ === mode;
  const server = () => configs.current_.server;

  const api = {
    start,
    connect: () => start(),
    stop,
    destroy,
    disconnect,
    restart,
    reconnect,
    subscribe,
    attachCommandHandler: subscribe,
    emit: dispatcher.emit_,
    capturePullEvent(flag = true) {
      capture.active_ = flag;
    },
    enableLogging: capture.setLogging_,
    getDebugInfo: (given) =>
      debugInfo(
        options,
        env,
        configs.current_,
        connector,
        session,
        watch,
        peer,
        target,
        Object(given).unsafe,
      ),
    extendWatch: watch.extend_,
    clearWatch: (tag) => void delete watch.tags_[tag],
    onState: state.on_,
    onStateReload(hook) {
      reload = hook;
    },
    isConnected: connector.isOpen_,
    isWebSocketSupported: () => !!env.WebSocket,
    isWebSocketEnabled: () => !!(env.WebSocket && target.socket_),
    isPublishingEnabled: () => !speaks("text") && !!server().publish_enabled,
    isJsonRpc: () => speaks("json-rpc"),
    isProtobufSupported: () => speaks("protobuf"),
    isSharedMode: () => server().mode === "shared",
    getServerVersion: () => +(server().version as number) || 0,
    getServerMode: () => server().mode || "",
    getRevision: () => REVISION,
    getConfig: () => (configs.current_ !== NO_CONFIG ? clone(configs.current_) : null),
  } as PullApi;

  // Those that are not there yet need a newer server: publishing version 4, all others 5.
  for (const method of METHODS) {
    const publishes = method.startsWith("send");
    (api as unknown as Record<string, (...args: never[]) => unknown>)[method] ||= async (...args) => {
      if (publishes && running && !held && (lastSend || !connector.isOpen_()) && options.publishWait > 0) {
        // What the page does to its objects meanwhile does not change the message.
        args = clone(args);
        const mine = (
          connector.isOpen_() ? (lastSend as Promise<unknown>) : outages.wait_({}, options.publishWait)
        ).catch(() => {});
        lastSend = mine;
        await mine;
        if (lastSend === mine) lastSend = undefined;
      }
      if (!peer) throw notConnected();
      const own = peer.methods_[method as keyof NewerApi] as ((...args: never[]) => unknown) | undefined;
      if (own) return own(...args);
      throw new PullError(
        "VERSION_NEEDED",
        `${method}() needs server version ${publishes ? 4 : 5} or newer, also in the build option protocols`,
      );
    };
  }
  return api;
}
