import { describe, expect, it } from "vitest";
import { fingerprint } from "../../src/fingerprint";
import type { PullConfig } from "../../src/pull/config";
import type { RestReply } from "../../src/pull/options";
import { FakeEnv } from "../support/fake-env";
import {
  config,
  connectedPage,
  newerConfig,
  nextMid,
  page,
  portal,
  rpcFrame,
  type TestPage,
} from "../support/page";
import { bytes, encodeResponses, protobufFrame } from "../support/protobuf";

const hex = (start: string, length = 32) => start.padEnd(length, "0123456789abcdef");
/** All that a configuration holds and nobody may read, by what it is. */
const SECRETS = {
  private: hex("a1"),
  public: hex("a2"),
  shared: hex("a3"),
  other: hex("a4"),
  privateSignature: hex("b1", 40),
  publicSignature: hex("b2", 40),
  sharedSignature: hex("b3", 40),
  sessid: hex("c1"),
  clientId: "cloud-client-id",
  jwt: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
};
const { private: id, public: publicId, shared, privateSignature, publicSignature, sharedSignature } = SECRETS;

function secretConfig(version: 4 | 5, change: Partial<PullConfig> = {}): PullConfig {
  const made = newerConfig(version, { clientId: SECRETS.clientId });
  const { private: own, shared: all } = made.channels as { private: object; shared: object };
  return {
    ...made,
    server: { ...made.server, mode: "shared" },
    channels: {
      private: { ...own, id: `${id}:${publicId}.${privateSignature}`, public_id: publicId },
      shared: { ...all, id: `${shared}.${sharedSignature}` },
    } as unknown as PullConfig["channels"],
    publicChannels: { 1: { user_id: 1, public_id: publicId, signature: publicSignature } },
    ...(version === 5 && { jwt: SECRETS.jwt }),
    ...change,
  };
}

/** Which secrets can be read in a value. */
function shown(value: unknown): string[] {
  const text = JSON.stringify(value, (_, part) => (part instanceof Error ? part.message : part));
  return Object.entries(SECRETS)
    .filter(([, secret]) => text.toLowerCase().includes(secret.toLowerCase()))
    .map(([name]) => name);
}

async function secretPage(version: 4 | 5 = 4): Promise<TestPage> {
  const env = new FakeEnv();
  env.respond = portal(secretConfig(version));
  const made = page({}, env);
  made.BX.message({ bitrix_sessid: SECRETS.sessid });
  made.pull.enableLogging();
  made.pull.capturePullEvent();
  const started = made.pull.start();
  await env.settle();
  env.socket.accept();
  await started;
  return made;
}

describe("getDebugInfo()", () => {
  it.each([4, 5] as const)(
    "of version %i shows fingerprints, which are the server's, of bare ids",
    async (version) => {
      const { pull } = await secretPage(version);
      const info = pull.getDebugInfo();
      expect(shown(info)).toEqual([]);
      expect(info.ChannelID).toBe(fingerprint(id));
      expect(info.Path).toContain(
        version === 5
          ? `token=${fingerprint(SECRETS.jwt)}&`
          : `CHANNEL_ID=${fingerprint(id)}/${fingerprint(shared)}&`,
      );
      expect(info.Path).toContain(`clientId=${fingerprint(SECRETS.clientId)}`);
    },
  );

  it("shows the address as it is to who asks for it", async () => {
    const made = await secretPage();
    const info = made.pull.getDebugInfo({ unsafe: true });
    expect(info.Path).toBe(made.env.socket.url);
    expect(info.ChannelID).toBe(`${id}:${publicId}.${privateSignature}`);
    expect(shown(made.pull.getDebugInfo({}))).toEqual([]);
  });

  it("gives copies", async () => {
    const { pull } = await secretPage();
    pull.extendWatch("TAG");
    for (const unsafe of [true, false]) {
      (pull.getDebugInfo({ unsafe })["Watch tags"] as Record<string, boolean>).OTHER = true;
      expect(pull.getDebugInfo()["Watch tags"]).toEqual({ TAG: true });
    }
  });
});

describe("the console", () => {
  it("has no secret of captured events: who sent them, nor ids and tokens in their params", async () => {
    const made = await secretPage();
    const params = {
      // As a line of code, escaped, in a key, and where digits of an escape come before it.
      list: [`${id}:${publicId}.${privateSignature}`, `\u001f${id}\\${publicId}`, { jwt: SECRETS.jwt }],
      [`${publicId}.${publicSignature}`]: `"/rest/?auth=${SECRETS.clientId}&sessid=${SECRETS.sessid}"`,
    };
    const body = JSON.stringify({ module_id: "im", command: "message", params });
    const sender = { type: 1, id: bytes(SECRETS.other) };
    const heard: unknown[] = [];
    made.BX.addCustomEvent("onPullClientEvent-im", (...args: unknown[]) => heard.push(...args));
    made.env.socket.receive(encodeResponses([[{ id: bytes(nextMid()), body, sender }]]));
    const captured = made.env.printed.filter(([level]) => level === "info");
    expect(captured).toHaveLength(1);
    expect(shown(captured)).toEqual([]);
    expect(JSON.stringify(captured)).toContain(fingerprint(SECRETS.other));
    expect(captured[0]?.[3]).toMatchObject({
      list: [fingerprint(id), expect.any(String), { jwt: fingerprint(SECRETS.jwt) }],
    });
    // Handlers get what was sent.
    expect(heard).toEqual(["message", params, { sender: { type: 1, id: SECRETS.other } }]);
  });

  it("and the state have no secret of what servers say when they close", async () => {
    const made = await secretPage();
    const states: unknown[] = [];
    made.pull.onState((state) => states.push(state));
    for (const _ of [1, 2, 3]) {
      made.env.socket.drop(4010, `wrong signature of ${id}:${publicId}.${privateSignature}, ${SECRETS.jwt}`);
      await made.env.advance(30_000);
    }
    expect(JSON.stringify(made.env.printed)).toContain("wrong signature of #");
    expect(shown([made.env.printed, states])).toEqual([]);
  });

  it("and errors have no secret of what a portal says when it refuses", async () => {
    const env = new FakeEnv();
    const error_description = `sessid=${SECRETS.sessid} of ${SECRETS.jwt} may not read ${publicId}`;
    env.respond = () => ({ status: 403, body: { error: "NO", error_description } });
    const { pull } = page({}, env);
    const error: Error = await pull.start().then(
      () => new Error("started"),
      (failure) => failure,
    );
    expect(error.message).toMatch(/sessid=#[0-9a-f]{8} of #[0-9a-f]{8} may not read #[0-9a-f]{8}/);
    expect(shown([error.message, error.stack, env.printed])).toEqual([]);
  });

  it("and errors have no secret of what a server says when it refuses a publish", async () => {
    const made = await secretPage(5);
    const published = made.pull.sendMessageToChannels(`${publicId}.${publicSignature}`, "im", "typing");
    await made.env.settle();
    const { id: call } = JSON.parse(made.env.socket.sent.at(-1) as string);
    const error = { code: -32_602, message: `${publicId}.${publicSignature} is wrong` };
    made.env.socket.receive(JSON.stringify({ jsonrpc: "2.0", id: call, error }));
    await expect(published).rejects.toMatchObject({
      message: `publishing to ${fingerprint(publicId)}: ${fingerprint(publicId)} is wrong`,
    });
  });
});

describe("storage", () => {
  const kept = (env: FakeEnv) => [...env.localStorage.items, ...env.sessionStorage.items];

  it("holds nothing after destroy(), nor what was on its way", async () => {
    const made = await secretPage();
    expect(shown(kept(made.env))).not.toEqual([]);
    made.env.fire("pagehide");
    made.pull.destroy();
    expect(kept(made.env)).toEqual([]);
  });

  it.each(["stop", "destroy"] as const)(
    "gets no configuration that is answered after %s()",
    async (method) => {
      let answer = (_: RestReply) => {};
      const restClient = { callMethod: () => new Promise<RestReply>((resolve) => (answer = resolve)) };
      const { env, pull } = page({ restClient });
      pull.start().catch(() => {});
      await env.settle();
      pull[method]();
      answer({ data: () => secretConfig(4), error: () => undefined });
      await env.settle();
      expect(kept(env)).toEqual([]);
      expect(env.sockets).toEqual([]);
    },
  );

  it("gets one user's configuration under no other's name", async () => {
    const answers: ((reply: RestReply) => void)[] = [];
    const restClient = { callMethod: () => new Promise<RestReply>((resolve) => answers.push(resolve)) };
    const { env, pull, BX } = page({ restClient, userId: undefined as never });
    const reply = (given: PullConfig) => ({ data: () => given, error: () => undefined });
    BX.message({ USER_ID: 1 });
    pull.start().catch(() => {});
    await env.settle();
    pull.stop();
    BX.message({ USER_ID: 2 });
    pull.start();
    await env.settle();
    answers[1]?.(reply(config()));
    await env.settle();
    answers[0]?.(reply(secretConfig(4)));
    await env.settle();
    expect(shown(kept(env))).toEqual([]);
    expect(shown(pull.getConfig())).toEqual([]);
  });

  it("is rid of configurations that have run out, whose ever they were, when a page opens later", async () => {
    const { env } = await secretPage();
    const END = Date.parse("2026-11-22T11:00:00Z");
    const out = secretConfig(4, { exp: END / 1000 });
    const shared = new FakeEnv(env);
    env.localStorage.setItem("bx-pull-9-s1-bx-pull-config", "not ours");
    for (const options of [{ userId: 2 }, { userId: 3, siteId: "s2", restApplication: "app" }]) {
      const other = new FakeEnv(shared);
      other.respond = portal(out);
      await connectedPage(options, other);
    }
    const names = () => [...env.localStorage.items.keys()].filter((name) => name.endsWith("bx-pull-config"));
    expect(names()).toHaveLength(4);
    const guest = new FakeEnv(env);
    guest.time = END;
    page({ guestUserId: -1 }, guest).pull.start(config());
    await guest.settle();
    expect(names()).toEqual(["bx-pull-1-s1-bx-pull-config", "bx-pull-9-s1-bx-pull-config"]);
  });
});

describe("what another page publishes", () => {
  const receive = (made: TestPage, version: 4 | 5, command: string, params: object, given: object) =>
    made.env.socket.receive(
      version === 4
        ? protobufFrame(command.split("/")[0] as string, command.split("/")[1] as string, params, {
            mid: nextMid(),
            ...given,
          })
        : rpcFrame(command.split("/")[0] as string, command.split("/")[1] as string, params, {
            mid: nextMid(),
            ...given,
          }),
    );
  const stolen = { action: "reconnect", channel: { type: "private" }, new_channel: { id: "d".repeat(32) } };

  it.each(
    ([4, 5] as const).flatMap((version) =>
      ["pull/config_expire", "PULL/channel_expire", "pull/server_restart", "pull/resume"].map(
        (name) => [version, name] as const,
      ),
    ),
  )("is no system command, and that is reported: version %i, %s", async (version, name) => {
    const made = await secretPage(version);
    const before = made.pull.getConfig();
    for (const type of [0, 1]) {
      made.env.printed.length = 0;
      receive(made, version, name, stolen, { type });
      await made.env.advance(60_000 * +(version === 4));
      const warned = made.env.printed.filter(([level]) => level === "warn");
      expect(warned).toEqual([["warn", "ignored a foreign command"]]);
    }
    expect(made.env.requests).toHaveLength(1);
    expect(made.pull.getConfig()).toEqual(before);
  });

  it.each([4, 5] as const)("tells nothing of the server's revision: version %i", async (version) => {
    const made = await secretPage(version);
    receive(made, version, "im/typing", {}, { type: 1, extra: { revision_web: 20 } });
    expect(made.pull.isConnected()).toBe(true);
    receive(made, version, "im/typing", {}, { type: 2, extra: { revision_web: 20 } });
    expect(made.pull.isConnected()).toBe(false);
  });
});
