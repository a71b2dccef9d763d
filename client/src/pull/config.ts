import type { Env } from "../env";
import { disabledByPortal, PullError } from "../errors";
import { resumeFrom, type Stream } from "../position";
import type { Peer } from "../protocols/types";
import { withQuery } from "../query";
import type { Target } from "../transport/types";
import { REVISION } from "./constants";

/** A channel as the configuration lists it: `id` is signed. */
export interface Channel {
  id: string;
  type: string;
  start?: string;
  end?: string;
  public_id?: string;
}

/** Where events for a user can be published; ids are hex. */
export interface PublicChannel {
  user_id: number;
  public_id: string;
  signature?: string;
  start?: string;
  end?: string;
}

/** Answer of `pull.config.get`: docs/protocol.md, The config. The misspelt key is real. */
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
    /** Ours: subscribers that ask are told whether the history covers their position. */
    verdict?: boolean;
    /** Seconds the configuration is good for. */
    config_ttl?: number;
  };
  api?: { revision_web?: number; revision_mobile?: number };
  channels: Record<string, Channel>;
  publicChannels?: Record<string, PublicChannel>;
  clientId?: string;
  jwt?: string;
  exp?: number;
  serverTime?: string;
}

/** Stands in while none is loaded. */
export const NO_CONFIG: PullConfig = { server: {}, channels: {} };

const bad = (message: string) => new PullError("BAD_CONFIG", `Pull configuration ${message}`);

/** Checks a configuration from any source; throws an error that names what is wrong with it. */
export function checkConfig(value: unknown): PullConfig {
  const { server } = Object(value) as PullConfig;
  if (!server) throw bad('has no "server"');
  if (server.server_enabled === false) throw disabledByPortal();
  return { ...(value as PullConfig), channels: (value as PullConfig).channels || {} };
}

/** Is every part of the configuration good at `now`, milliseconds of the server's clock? */
export function isFresh({ channels, exp, server, serverTime }: PullConfig, now: number): boolean {
  const ends = Object.values(channels).map((channel) => Date.parse(Object(channel).end));
  return (
    ends.length > 0 &&
    // What has no end, or none that can be read, is good.
    ![
      ...ends,
      (exp || NaN) * 1000,
      Date.parse(serverTime as string) + (server.config_ttl || NaN) * 1000,
    ].some((end) => end <= now)
  );
}

/** What a cloud server wants to know of everyone who connects or publishes. */
export const accessQuery = ({ server, clientId }: PullConfig) => ({
  clientId: server.mode === "shared" && clientId,
  hostname: server.hostname,
});

/**
 * Of a server's two addresses the one to use; a page without https may use both, one with it only the secure one. So may
 * frames of it that have no address of their own, as its origin tells, and those that have no origin.
 */
export const choose = (env: Env, plain?: string, secure?: string) =>
  (/https:/.test(env.origin + env.location.protocol) && secure) || plain || secure;

/**
 * Where to connect to.
 *
 * @param stream - its position is told whenever a connection is opened
 */
export function connectTarget(
  config: PullConfig,
  env: Env,
  { query_: query, binary_, hasPings_ }: Peer,
  stream: Stream,
): Target {
  const { server, jwt, channels } = config;
  // Private, shared, then any others.
  const ids = Object.values<unknown>({ private: 0, shared: 0, ...channels })
    .map((channel) => Object(channel).id)
    .filter(Boolean)
    .join("/");
  const target: Target = {
    socket_: server.websocket_enabled !== false && choose(env, server.websocket, server.websocket_secure),
    poll_: choose(env, server.long_polling, server.long_pooling_secure),
    tells_: server.verdict,
    binary_,
    hasPings_,
    lastUrl_: "",
    url_(base) {
      if (!base || !ids) throw bad("has no address or channels");
      target.lastUrl_ = withQuery(base, {
        ...(jwt ? { token: jwt } : { CHANNEL_ID: ids }),
        ...query,
        verdict: server.verdict && ((base === target.poll_ && stream.verdict_) || true),
        history: server.verdict && stream.begin_,
        ...accessQuery(config),
        ...resumeFrom(stream),
        revision: REVISION,
      });
      return target.lastUrl_;
    },
  };
  return target;
}
