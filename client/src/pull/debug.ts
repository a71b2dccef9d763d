import { clone } from "../bx/clone";
import type { Env } from "../env";
import { fingerprint } from "../fingerprint";
import type { Peer } from "../protocols/types";
import { redact } from "../redact";
import type { Target } from "../transport/types";
import { type Channel, NO_CONFIG, type PullConfig } from "./config";
import type { Connector } from "./connector";
import type { ResolvedOptions } from "./options";
import type { Session } from "./session";
import type { WatchTags } from "./watch";

const yesNo = (value: unknown) => (value ? "Y" : "N");
const orDash = (value: unknown) => value || "-";

/**
 * State of the connection under the names that `BX.PULL.getDebugInfo()` has always used.
 *
 * @param unsafe - with secrets; else they are fingerprints
 */
export function debugInfo(
  { userId, guestMode }: ResolvedOptions,
  env: Env,
  config: PullConfig,
  connector: Connector,
  session: Session,
  watch: WatchTags,
  peer: Peer | undefined,
  target: Partial<Target>,
  unsafe: unknown,
): Record<string, unknown> {
  const own: Partial<Channel> = Object(config.channels.private);
  const connected = connector.isOpen_();
  const socket = connector.canSend_();
  const info = {
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
    Path: orDash(target.lastUrl_),
    ChannelID: orDash(own.id && (unsafe ? own.id : fingerprint(own.id))),
    ChannelDie: orDash(own.end),
    ChannelDieShared: orDash(Object(config.channels.shared).end),
    "Last message": orDash(session.position_.mid),
    "Session history": session.history_,
    "Watch tags": watch.tags_,
    ...target.about_,
    ...(config === NO_CONFIG && { "Config error": "not loaded" }),
  };
  return unsafe ? clone(info) : redact(info);
}
