import { fingerprint } from "../fingerprint";
import { channelIds } from "./config";
import type { Runtime } from "./runtime";

const yesNo = (value: boolean) => (value ? "Y" : "N");

/** The address without its secrets: each signed channel id or token is a fingerprint. */
function redact(url: string): string {
  return url.replace(/\b(CHANNEL_ID|token|clientId)=([^&]*)/g, (_, name: string, value: string) => {
    const parts = decodeURIComponent(value).split("/");
    return `${name}=${parts.map(fingerprint).join("/")}`;
  });
}

/** State of the connection under the names that `BX.PULL.getDebugInfo()` has always used. Holds no secret. */
export function debugInfo(runtime: Runtime): Record<string, unknown> {
  const { options, env, configs, connector, session, watch, codec } = runtime;
  const config = configs.current;
  const connected = connector.isOpen();
  const { private: own, shared } = config?.channels ?? {};
  const [firstId] = config ? channelIds(config) : [];
  return {
    UserId: `${options.userId}${options.guestMode ? "(guest)" : ""}`,
    "Guest userId": options.guestMode ? options.guestUserId : "-",
    "Browser online": yesNo(env.isOnline()),
    Connect: yesNo(connected),
    "Server type": config?.server.mode === "shared" ? "cloud" : "local",
    "WebSocket supported": yesNo(!!env.openSocket),
    "WebSocket connected": yesNo(connected),
    "WebSocket mode": connected ? codec.mode : "-",
    "Try connect": yesNo(!connected && connector.state !== "idle"),
    "Try number": connected ? 0 : connector.failures,
    Path: runtime.lastUrl ? redact(runtime.lastUrl) : "-",
    ...(config ? {} : { "Config error": "the configuration is not loaded" }),
    ChannelID: firstId ? fingerprint(firstId) : "-",
    ChannelDie: own?.end ?? "-",
    ChannelDieShared: shared?.end ?? "-",
    "Last message": session.position.mid || "-",
    "Session history": Object.fromEntries(
      [...session.history].map(([moduleId, commands]) => [moduleId, Object.fromEntries(commands)]),
    ),
    "Watch tags": Object.fromEntries(watch.tags().map((tag) => [tag, true])),
  };
}
