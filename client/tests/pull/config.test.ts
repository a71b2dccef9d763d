import { describe, expect, it } from "vitest";
import { FakeEnv } from "../support/fake-env";
import {
  config,
  connectedPage,
  NEVER,
  newerConfig,
  newerPage,
  page,
  pollingPage,
  portal,
} from "../support/page";

const channel = (type: string, letter: string) => ({
  id: `${letter.repeat(32)}.${"1".repeat(40)}`,
  type,
  end: NEVER,
});

describe("an application", () => {
  it("does not take the configuration that the user's pages keep", async () => {
    const env = new FakeEnv();
    env.respond = portal(config());
    await connectedPage({}, env);
    await connectedPage({ restApplication: "app.1" }, env);
    expect(env.requests.map(({ url }) => url.replace(/\?.*/, ""))).toEqual([
      "/rest/pull.config.get.json",
      "/rest/pull.application.config.get.json",
    ]);
  });

  it("gets its own configuration, and listens to its own channels behind the private and the shared one", async () => {
    const env = new FakeEnv();
    env.respond = portal(
      config({
        channels: {
          "app.1": channel("app.1", "e"),
          shared: channel("shared", "b"),
          other: channel("other", "f"),
          private: channel("private", "a"),
        },
      }),
    );
    await connectedPage({ restApplication: "app.1" }, env);
    expect(env.requests[0]?.url).toBe("/rest/pull.application.config.get.json?logTag=client_start");
    expect(
      env.socket.query
        .get("CHANNEL_ID")
        ?.split("/")
        .map((id) => id[0]),
    ).toEqual(["a", "b", "e", "f"]);
  });

  it("may name another method", async () => {
    const { env } = await connectedPage({ restApplication: "app.1", configGetMethod: "my.config" });
    expect(env.requests[0]?.url).toContain("/rest/my.config.json");
  });

  it("has its channel replaced like any other", async () => {
    const env = new FakeEnv();
    env.respond = portal(config({ channels: { "app.1": channel("app.1", "e") } }));
    await connectedPage({ restApplication: "app.1" }, env);
    env.socket.receive(
      `#!NGINXNMS!#${JSON.stringify({
        text: {
          module_id: "pull",
          command: "channel_expire",
          params: { action: "reconnect", channel: { type: "app.1" }, new_channel: channel("app.1", "d") },
        },
      })}#!NGINXNME!#`,
    );
    await env.settle();
    expect(env.socket.query.get("CHANNEL_ID")).toBe(channel("app.1", "d").id);
  });
});

describe("a cloud server", () => {
  it("is told which portal asks", async () => {
    const { server } = newerConfig(4);
    const { env, pull } = await newerPage(4, {
      server: { ...server, mode: "shared", hostname: "site.example" },
      clientId: "portal1",
    });
    expect(env.socket.url).toContain("&binaryMode=true&clientId=portal1&hostname=site.example&revision=19");
    expect([pull.isSharedMode(), pull.getServerMode(), pull.getDebugInfo()["Server type"]]).toEqual([
      true,
      "shared",
      "cloud",
    ]);
    expect(pull.getDebugInfo().Path).not.toContain("portal1");
  });

  it("alone is told: a client id of a local server stays at home", async () => {
    const { env } = await newerPage(4, { clientId: "portal1" });
    expect(env.socket.url).not.toContain("clientId");
  });
});

describe("a configuration", () => {
  it("with a token is renewed when the token runs out", async () => {
    const { env } = await newerPage(5);
    env.respond = portal(newerConfig(5));
    const soon = new FakeEnv();
    soon.respond = portal(newerConfig(5, { exp: soon.time / 1000 + 90 }));
    await connectedPage({}, soon);
    // Version 5 servers are heard of every ten seconds.
    for (let turn = 0; turn < 12 && soon.requests.length < 2; turn++) {
      await soon.advance(10_000);
      soon.socket.receive("ping");
    }
    expect(soon.requests).toHaveLength(2);
    expect(soon.time - env.time).toBeGreaterThanOrEqual(90_000);
    expect(soon.sockets[0]?.closedWith).toEqual([3003, "config expired"]);
  });

  it("is renewed when the time its server gives it is over, by any page that has it", async () => {
    const { server } = config();
    const env = new FakeEnv();
    env.respond = portal(config({ server: { ...server, config_ttl: 600 } }));
    await connectedPage({}, env);
    const next = new FakeEnv(env);
    next.time += 599_000;
    await connectedPage({}, next);
    expect(next.requests).toHaveLength(0);
    await next.advance(60_000);
    expect(next.requests).toHaveLength(1);
  });

  it("is loaded again when the token is refused", async () => {
    const { env } = await newerPage(5);
    env.socket.drop(4010, "the token has expired");
    await env.until(() => env.sockets.length > 1);
    expect(env.requests.at(-1)?.url).toContain("logTag=4010_wrong_channel_id");
  });

  it("of version 5 without a token is used by its channels", async () => {
    const { jwt, exp, ...rest } = newerConfig(5);
    const env = new FakeEnv();
    env.respond = portal(rest);
    await connectedPage({}, env);
    expect(env.socket.url).toMatch(/\?CHANNEL_ID=a+%3Ac+\.1+%2F[^&]+&jsonRpc=true/);
  });

  it("with nothing in the place of a channel is used without that channel", async () => {
    const { channels } = config();
    const env = new FakeEnv();
    env.respond = portal(config({ channels: { ...channels, shared: null as never } }));
    const { pull } = await connectedPage({}, env);
    expect(env.socket.query.get("CHANNEL_ID")).toBe(channels.private?.id);
    expect(pull.getDebugInfo().ChannelDieShared).toBe("-");
    await env.advance(60_000);
    expect([env.errors, env.requests.length]).toEqual([[], 1]);
  });

  it("with secure addresses only serves a page without https as well", async () => {
    const { websocket, long_polling, publish, ...server } = newerConfig(4).server;
    const env = new FakeEnv();
    env.respond = portal(newerConfig(4, { server }));
    await connectedPage({}, env);
    expect(env.socket.url.split("?")[0]).toBe("wss://push.example/bitrix/subws/");
    const polling = await pollingPage(newerConfig(4, { server }));
    expect(polling.env.poll.request.url.split("?")[0]).toBe("https://push.example/bitrix/sub/");
    await polling.pull.sendMessage([1], "m", "c");
    expect(polling.env.requests.at(-1)?.url.split("?")[0]).toBe("https://push.example/bitrix/pubweb/");
  });

  it("that does not say whether sockets are allowed allows them", async () => {
    const { websocket_enabled, ...server } = config().server;
    const env = new FakeEnv();
    env.respond = portal(config({ server }));
    const { pull } = await connectedPage({}, env);
    expect(pull.isWebSocketEnabled()).toBe(true);
  });

  it("may give its version as a text", async () => {
    const { server } = newerConfig(5);
    const { pull } = await newerPage(5, { server: { ...server, version: "5" as never } });
    expect([pull.getServerVersion(), pull.isJsonRpc()]).toEqual([5, true]);
  });

  it("without any channel is none", async () => {
    const { env, pull } = page();
    env.respond = portal(config({ channels: {} }));
    await expect(pull.start()).rejects.toMatchObject({ code: "BAD_CONFIG" });
  });
});
