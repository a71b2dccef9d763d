import { clone } from "../bx/clone";
import type { Env } from "../env";
import { fingerprint } from "../fingerprint";
import type { Protocol } from "../protocols/types";
import type { Target } from "../transport/types";
import { type Channel, NO_CONFIG } from "./config";
import type { ConfigStore } from "./config-store";
import type { Connector } from "./connector";
import type { ResolvedOptions } from "./options";
import type { Session } from "./session";
import type { WatchTags } from "./watch";

/** What there is to tell about. */
export interface DebugParts {
  options_: ResolvedOptions;
  env_: Env;
  configs_: ConfigStore;
  connector_: Connector;
  session_: Session;
  watch_: WatchTags;
  /** Undefined while no configuration is loaded. */
  protocol_: Protocol | undefined;
  target_: Target | undefined;
}

const NO_CHANNEL: Partial<Channel> = {};
const NO_TARGET: Partial<Target> = {};

const yesNo = (value: unknown) => (value ? "Y" : "N");
const orDash = (value: unknown) => value || "-";

/** The address without its secrets: each signed channel id or token is a fingerprint. */
const redact = (url = "") =>
  url.replace(
    /\b(CHANNEL_ID|token|clientId)=([^&]*)/g,
    (_, name: string, value: string) =>
      `${name}=${decodeURIComponent(value).split("/").map(fingerprint).join("/")}`,
  );

/** State of the connection under the names that `BX.PULL.getDebugInfo()` has always used. Holds no secret. */
export function debugInfo({
  options_: { userId, guestMode },
  env_: env,
  configs_: configs,
  connector_: connector,
  session_: session,
  watch_: watch,
  protocol_: protocol,
  target_: target,
}: DebugParts): Record<string, unknown> {
  const config = configs.current_;
  const { private: own = NO_CHANNEL, shared = NO_CHANNEL } = (config || NO_CONFIG).channels;
  const connected = connector.isOpen_();
  const socket = connector.canSend_();
  const { socket_ = "", poll_ = "", urls_: urls = {} } = target || NO_TARGET;
  const url = (!connected || socket ? urls[socket_] : "") || urls[poll_];
  return {
    UserId: userId + (guestMode ? "(guest)" : ""),
    "Guest userId": orDash(guestMode && userId),
    "Browser online": yesNo(env.navigator.onLine),
    Connect: yesNo(connected),
    "Server type": (config || NO_CONFIG).server.mode === "shared" ? "cloud" : "local",
    "WebSocket supported": yesNo(env.WebSocket),
    "WebSocket connected": yesNo(socket),
    "WebSocket mode": orDash(socket && protocol?.mode_),
    "Try connect": yesNo(!connected && connector.state_ !== "idle"),
    "Try number": connected ? 0 : connector.failures_,
    Path: orDash(redact(url)),
    ChannelID: orDash(own.id && fingerprint(own.id)),
    ChannelDie: orDash(own.end),
    ChannelDieShared: orDash(shared.end),
    "Last message": orDash(session.position_.mid),
    "Session history": clone(session.history_),
    "Watch tags": clone(watch.tags_),
    ...(!config && { "Config error": "not loaded" }),
  };
}
