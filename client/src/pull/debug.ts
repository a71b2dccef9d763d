import { clone } from "../bx/clone";
import type { Env } from "../env";
import { fingerprint } from "../fingerprint";
import type { Peer } from "../protocols/types";
import type { Target } from "../transport/types";
import { type Channel, NO_CONFIG, type PullConfig } from "./config";
import type { Connector } from "./connector";
import type { ResolvedOptions } from "./options";
import type { Session } from "./session";
import type { WatchTags } from "./watch";

const yesNo = (value: unknown) => (value ? "Y" : "N");
const orDash = (value: unknown) => value || "-";

/** The address without its secrets: each signed channel id or token is a fingerprint. */
const redact = (url: string) =>
  url.replace(
    /\b(CHANNEL_ID|token|clientId)=([^&]*)/g,
    (_, name: string, value: string) =>
      `${name}=${decodeURIComponent(value).split("/").map(fingerprint).join("/")}`,
  );

/** State of the connection under the names that `BX.PULL.getDebugInfo()` has always used. Holds no secret. */
export function debugInfo(
  { userId, guestMode }: ResolvedOptions,
  env: Env,
  config: PullConfig,
  connector: Connector,
  session: Session,
  watch: WatchTags,
  peer: Peer | undefined,
  target: Target | undefined,
): Record<string, unknown> {
  const own: Partial<Channel> = Object(config.channels.private);
  const connected = connector.isOpen_();
  const socket = connector.canSend_();
  return {
    UserId: userId + (guestMode ? "(guest)" : ""),
    "Guest userId": orDash(guestMode && userId),
    "Browser online": yesNo(env.navigator.onLine),
    Connect: yesNo(connected),
    "Server type": config.server.mode === "shared" ? "cloud" : "local",
    "WebSocket supported": yesNo(env.WebSocket),
    "WebSocket connected": yesNo(socket),
    "WebSocket mode": orDash(socket && (peer as Peer).mode_),
    "Try connect": yesNo(!connected && connector.state_ !== "idle"),
    "Try number": connected ? 0 : connector.failures_,
    Path: orDash(target && redact(target.lastUrl_)),
    ChannelID: orDash(own.id && fingerprint(own.id)),
    ChannelDie: orDash(own.end),
    ChannelDieShared: orDash(Object(config.channels.shared).end),
    "Last message": orDash(session.position_.mid),
    "Session history": clone(session.history_),
    "Watch tags": clone(watch.tags_),
    ...Object(target).about_,
    ...(config === NO_CONFIG && { "Config error": "not loaded" }),
  };
}
