import { shim } from "../../src/bx/shim";
import { jsonRpc } from "../../src/protocols/jsonrpc";
import { protobuf } from "../../src/protocols/protobuf";
import { text } from "../../src/protocols/text";
import type { PullApi } from "../../src/pull/api";
import { createPullClient } from "../../src/pull/client";
import type { PullConfig } from "../../src/pull/config";
import type { PullOptions } from "../../src/pull/options";
import { longPolling } from "../../src/transport/long-polling";
import { FakeEnv, type Responder } from "./fake-env";

export const NEVER = "2099-01-01T00:00:00+00:00";

export const SIGNATURE = "1".repeat(40);
/** Public ids, as page code gets them: signed. */
export const publicId = (digit: string): string => `${digit.repeat(32)}.${"f".repeat(40)}`;

/** A configuration as `pull.config.get` answers it. */
export function config(change: Partial<PullConfig> = {}): PullConfig {
  return {
    server: {
      version: 3,
      server_enabled: true,
      mode: "personal",
      hostname: "",
      websocket_enabled: true,
      websocket: "ws://push.example/bitrix/subws/",
      websocket_secure: "wss://push.example/bitrix/subws/",
      config_timestamp: 0,
    },
    api: { revision_web: 19, revision_mobile: 3 },
    channels: {
      private: { id: `${"a".repeat(32)}.${"1".repeat(40)}`, type: "private", end: NEVER },
      shared: { id: `${"b".repeat(32)}.${"2".repeat(40)}`, type: "shared", end: NEVER },
    },
    serverTime: "2026-11-22T10:00:00+00:00",
    ...change,
  };
}

/** A configuration of a server of version 4 or 5, in which user 1 has a public channel. */
export function newerConfig(version: 4 | 5, change: Partial<PullConfig> = {}): PullConfig {
  const { server, channels, ...rest } = config();
  const [id, signature] = publicId("c").split(".") as [string, string];
  return {
    ...rest,
    server: {
      ...server,
      version,
      long_polling: "http://push.example/bitrix/sub/",
      long_pooling_secure: "https://push.example/bitrix/sub/",
      publish_enabled: true,
      publish: "http://push.example/bitrix/pubweb/",
      publish_secure: "https://push.example/bitrix/pubweb/",
    },
    channels: {
      ...channels,
      private: {
        id: `${"a".repeat(32)}:${id}.${SIGNATURE}`,
        public_id: publicId("c"),
        type: "private",
        end: NEVER,
      },
    },
    publicChannels: { 1: { user_id: 1, public_id: id, signature, end: NEVER } },
    ...(version === 5 && { jwt: "header.claims.signature", exp: Date.parse(NEVER) / 1000 }),
    ...change,
  };
}

let counter = 0;
/** Message ids that grow, as a server's do. */
export const nextMid = (): string => `1795341600${String(++counter).padStart(16, "0")}`;

/** A text frame with one event. */
export function frame(
  module_id: string,
  command: string,
  params: unknown = {},
  extra: unknown = {},
  mid = nextMid(),
): string {
  const record = {
    id: 1,
    mid,
    tag: "001",
    time: "Sun, 22 Nov 2026 10:00:00 GMT",
    text: { module_id, command, params, extra },
  };
  return `#!NGINXNMS!#${JSON.stringify(record)}#!NGINXNME!#`;
}

/** The same for a server of version 5. */
export function rpcFrame(
  module_id: string,
  command: string,
  params: unknown = {},
  { extra = {}, mid = nextMid(), type = 2, ...rest }: Record<string, unknown> = {},
): string {
  const body = { module_id, command, params, extra };
  return JSON.stringify({
    jsonrpc: "2.0",
    method: "incoming.message",
    params: { mid, body, sender: { type }, ...rest },
  });
}

export interface TestPage {
  env: FakeEnv;
  // biome-ignore lint/suspicious/noExplicitAny: page code is untyped
  BX: any;
  pull: PullApi;
  /** Every onPullStatus so far. */
  statuses: string[];
  win: Window & typeof globalThis;
}

/** A portal that answers this configuration, and to other methods what `methods` has for them. */
export function portal(answer: PullConfig, methods: Record<string, unknown> = {}): Responder {
  return ({ url }) => {
    const name = Object.keys(methods).find((method) => url.includes(method));
    return { body: { result: name ? methods[name] : answer } };
  };
}

/** A page without Bitrix: the shim, a client, and a portal that answers `config()`. */
export function page(options: PullOptions = {}, env = new FakeEnv()): TestPage {
  const win = env as unknown as Window & typeof globalThis;
  const bx = shim(win);
  const statuses: string[] = [];
  bx.BX.addCustomEvent("onPullStatus", (status: string) => statuses.push(status));
  env.respond ??= portal(config());
  const PullClient = createPullClient(bx, env, [text, protobuf, jsonRpc], longPolling);
  const pull = new PullClient({ userId: 1, siteId: "s1", minReconnectDelay: 500, ...options });
  return { env, BX: bx.BX, pull, statuses, win };
}

/** A page whose client is connected. */
export async function connectedPage(options: PullOptions = {}, env = new FakeEnv()): Promise<TestPage> {
  const made = page(options, env);
  const started = made.pull.start();
  await env.settle();
  env.socket.accept();
  await started;
  return made;
}

/** A page whose client is connected to a server of this version, over a socket. */
export async function newerPage(version: 4 | 5, change: Partial<PullConfig> = {}): Promise<TestPage> {
  const env = new FakeEnv();
  env.respond = portal(newerConfig(version, change));
  return connectedPage({}, env);
}

/** The same by long polling, in a browser without sockets. */
export async function pollingPage(
  given: PullConfig = newerConfig(4),
  env = new FakeEnv(),
): Promise<TestPage> {
  env.WebSocket = undefined;
  env.respond ??= portal(given);
  const made = page({}, env);
  const started = made.pull.start();
  await env.advance(300);
  await started;
  return made;
}

/** The configuration of a server that says of every connection whether its history covers where it begins. */
export const telling = ({ server, ...rest }: PullConfig = config()): PullConfig => ({
  ...rest,
  server: { ...server, verdict: true },
});

/** What a server that can tell says first to a connection that resumes from `asked`. */
export const verdict = (position: string, through: string, asked = "") =>
  frame("pull", "resume", { asked, position, through }, {}, "");

/** A hook for `onStateReload`, and what ends its last call. */
export function pendingReload() {
  const made = {
    finish: () => {},
    onStateReload: () =>
      new Promise<void>((resolve) => {
        made.finish = resolve;
      }),
  };
  return made;
}
