import { ConfigError, PullError } from "../errors";

/** A channel as the configuration lists it: `id` is signed. */
export interface Channel {
  id: string;
  type: string;
  start?: string;
  end?: string;
  public_id?: string;
}

/** Answer of `pull.config.get`, protocol.md §4; the misspelt key is real. */
export interface PullConfig {
  server: {
    version?: number;
    server_enabled?: boolean;
    mode?: "personal" | "shared";
    hostname?: string;
    long_polling?: string;
    long_pooling_secure?: string;
    websocket_enabled?: boolean;
    websocket?: string;
    websocket_secure?: string;
    publish_enabled?: boolean;
    publish?: string;
    publish_secure?: string;
    config_timestamp?: number;
  };
  api?: { revision_web?: number; revision_mobile?: number };
  channels: Record<string, Channel>;
  publicChannels?: Record<string, unknown>;
  clientId?: string;
  jwt?: string;
  exp?: number;
  serverTime?: string;
}

/** Newest server version whose frames this client reads. */
const NEWEST_VERSION = 4;

/** Checks a configuration from any source; throws an error that names what is wrong with it. */
export function checkConfig(value: unknown): PullConfig {
  const config = value as PullConfig | null;
  const server = config?.server;
  if (typeof server !== "object" || !server) {
    throw new ConfigError(
      "BAD_CONFIG",
      'the Pull configuration has no "server" part: is the Pull module set up?',
    );
  }
  if (server.server_enabled === false) {
    throw new PullError("PULL_DISABLED", "the portal says that its push server is switched off");
  }
  if (Number(server.version ?? 1) > NEWEST_VERSION) {
    throw new ConfigError(
      "BAD_CONFIG",
      `the push server has version ${server.version}; this client speaks versions 1 to ${NEWEST_VERSION}`,
    );
  }
  return config as PullConfig;
}

/** Signed channel ids for `CHANNEL_ID`: private, shared, then any others. */
export function channelIds(config: PullConfig): string[] {
  const { private: own, shared, ...rest } = config.channels ?? {};
  return [own, shared, ...Object.values(rest)].flatMap((channel) => (channel?.id ? [channel.id] : []));
}

/** Has any part of the configuration run out at `now`, milliseconds of the server's clock? */
export function isStale(config: PullConfig, now: number, timestamp?: number): boolean {
  const over = (end: string | undefined) => end !== undefined && Date.parse(end) <= now;
  const channels = Object.values(config.channels ?? {});
  return (
    channels.length === 0 ||
    channels.some((channel) => over(channel?.end)) ||
    (!!config.exp && config.exp * 1000 <= now) ||
    (timestamp !== undefined && timestamp !== (config.server.config_timestamp ?? 0))
  );
}

export interface Position {
  mid: string;
  tag?: string;
  time?: string;
}

/** Address of the push server for a page, with what it needs to know: channels, format, position. */
export function connectUrl(
  config: PullConfig,
  secure: boolean,
  format: Readonly<Record<string, string>>,
  position: Position,
  revision: number,
): string {
  const { server } = config;
  const base =
    server.websocket_enabled === false ? "" : (secure && server.websocket_secure) || server.websocket;
  if (!base) {
    throw new ConfigError(
      "NO_TRANSPORT",
      "the Pull configuration offers no WebSocket address, and long polling comes in a later version",
    );
  }
  const ids = channelIds(config);
  if (!ids.length) throw new ConfigError("BAD_CONFIG", "the Pull configuration names no channels");
  const query: Record<string, string | number | undefined> = {
    CHANNEL_ID: ids.join("/"),
    ...format,
    clientId: server.mode === "shared" ? config.clientId : undefined,
    hostname: server.hostname,
    mid: position.mid,
    tag: position.tag,
    time: position.time,
    revision,
  };
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return `${base}${base.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}
