import { PullError } from "../errors";
import { withQuery } from "../query";
import { REVISION } from "./constants";

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

/** Stands in while none is loaded. */
export const NO_CONFIG: PullConfig = { server: {}, channels: {} };

/** Newest server version whose frames this client reads. */
const NEWEST_VERSION = 4;

const bad = (message: string) => new PullError("BAD_CONFIG", `Pull configuration ${message}`);

/** Checks a configuration from any source; throws an error that names what is wrong with it. */
export function checkConfig(value: unknown): PullConfig {
  const { server } = Object(value) as PullConfig;
  if (!server) throw bad('has no "server"');
  const { server_enabled, version } = server;
  if (server_enabled === false) throw new PullError("PULL_DISABLED", "off on the portal");
  if ((version as number) > NEWEST_VERSION)
    throw bad(`needs server version ${NEWEST_VERSION} or older, has ${version}`);
  return { ...(value as PullConfig), channels: (value as PullConfig).channels || {} };
}

/** Is every part of the configuration good at `now`, milliseconds of the server's clock? */
export function isFresh({ channels, exp }: PullConfig, now: number): boolean {
  const ends = Object.values(channels).map(({ end }) => Date.parse(end as string));
  return (
    ends.length > 0 &&
    // What has no end, or none that can be read, is good.
    ![...ends, (exp || NaN) * 1000].some((end) => end <= now)
  );
}

export interface Position {
  mid: string;
  tag?: unknown;
  time?: unknown;
}

/** Address of the push server for a page, with what it needs to know: channels, format, position. */
export function connectUrl(
  config: PullConfig,
  secure: boolean,
  format: Readonly<Record<string, string>>,
  position: Position,
): string {
  const { server } = config;
  const base =
    server.websocket_enabled !== false && ((secure && server.websocket_secure) || server.websocket);
  // Private, shared, then any others.
  const none = {} as Channel;
  const ids = Object.values({ private: none, shared: none, ...config.channels })
    .map(({ id }) => id)
    .filter(Boolean)
    .join("/");
  if (!base || !ids) throw bad("has no WebSocket address or channels");
  return withQuery(base, {
    CHANNEL_ID: ids,
    ...format,
    clientId: server.mode === "shared" && config.clientId,
    hostname: server.hostname,
    ...position,
    revision: REVISION,
  });
}
