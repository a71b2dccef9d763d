import { installBx } from "../../src/bx/install";
import { jsonRpc } from "../../src/protocols/jsonrpc";
import { protobuf } from "../../src/protocols/protobuf";
import { text } from "../../src/protocols/text";
import type { PullApi } from "../../src/pull/api";
import { createPullClient } from "../../src/pull/client";
import type { PullConfig } from "../../src/pull/config";
import type { PullOptions } from "../../src/pull/options";
import { longPolling } from "../../src/transport/long-polling";
import { FakeEnv } from "./fake-env";

export const NEVER = "2099-01-01T00:00:00+00:00";

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

export interface TestPage {
  env: FakeEnv;
  // biome-ignore lint/suspicious/noExplicitAny: page code is untyped
  BX: any;
  pull: PullApi;
  /** Every onPullStatus so far. */
  statuses: string[];
  win: Window & typeof globalThis;
}

/** A page without Bitrix: the shim, a client, and a portal that answers `config()`. */
export function page(options: PullOptions = {}, env = new FakeEnv()): TestPage {
  const win = { console } as unknown as Window & typeof globalThis;
  const bx = installBx(win);
  const statuses: string[] = [];
  bx.BX.addCustomEvent("onPullStatus", (status: string) => statuses.push(status));
  env.respond ??= () => ({ body: { result: config() } });
  const PullClient = createPullClient({
    env_: env,
    bx_: bx,
    win_: win,
    protocols_: [text, protobuf, jsonRpc],
    standIn_: longPolling,
  });
  const pull = new PullClient({ userId: 1, siteId: "s1", ...options });
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
