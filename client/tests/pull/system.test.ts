import { describe, expect, it } from "vitest";
import { FakeEnv } from "../support/fake-env";
import {
  config,
  connectedPage,
  frame,
  NEVER,
  newerConfig,
  nextMid,
  page,
  portal,
  rpcFrame,
  telling,
  verdict,
} from "../support/page";

describe("system commands", () => {
  it("channel_expire leaves the rest of its frame to the next connection: events of the new channel may be older", async () => {
    const env = new FakeEnv();
    env.respond = portal(telling());
    const { BX, pull } = page({}, env);
    const heard: string[] = [];
    BX.addCustomEvent("onPullEvent-m", (command: string) => heard.push(command));
    pull.start();
    await env.settle();
    env.socket.accept();
    const [begun, expired, missed, rest] = [nextMid(), nextMid(), nextMid(), nextMid()];
    env.socket.receive(verdict(begun, ""));
    const { private: channel } = config().channels as { private: object };
    const params = { action: "reconnect", channel, new_channel: { ...channel, id: "c".repeat(32) } };
    env.socket.receive(
      frame("pull", "channel_expire", params, {}, expired) + frame("m", "rest", {}, {}, rest),
    );
    await env.settle();
    expect(env.socket.query.get("mid")).toBe(expired);
    env.socket.accept();
    env.socket.receive(frame("m", "missed", {}, {}, missed) + frame("m", "rest", {}, {}, rest));
    expect(heard).toEqual(["missed", "rest"]);
  });

  it("config_expire closes with 3003, loads the configuration and connects", async () => {
    const { env, statuses } = await connectedPage();
    const [first] = env.sockets;
    statuses.length = 0;
    env.socket.receive(frame("pull", "CONFIG_EXPIRE"));
    await env.settle();
    expect(first?.closedWith).toEqual([3003, "config expired received"]);
    expect(env.requests.at(-1)?.url).toContain("logTag=3003_config_expired_received");
    env.socket.accept();
    expect(statuses).toEqual(["connect", "online"]);
  });

  it("channel_expire closes with 3001 and loads the configuration", async () => {
    const { env } = await connectedPage();
    const [first] = env.sockets;
    env.socket.receive(
      frame("pull", "channel_expire", { action: "get_config", channel: { id: "x", type: "private" } }),
    );
    await env.settle();
    expect(first?.closedWith).toEqual([3001, "channel expired received"]);
    expect(env.requests).toHaveLength(2);
  });

  it("channel_expire with a new channel uses that one, without asking the portal", async () => {
    const { env } = await connectedPage();
    const [first] = env.sockets;
    const new_channel = { id: "new.signature", type: "private", end: NEVER };
    env.socket.receive(
      frame("pull", "channel_expire", {
        action: "reconnect",
        channel: { id: "x", type: "private" },
        new_channel,
      }),
    );
    await env.settle();
    expect(first?.closedWith).toEqual([3000, "config was replaced"]);
    expect(env.requests).toHaveLength(1);
    expect(env.socket.query.get("CHANNEL_ID")).toBe(`new.signature/${"b".repeat(32)}.${"2".repeat(40)}`);
  });

  it("channel_expire with nothing for a new channel loads the configuration", async () => {
    for (const new_channel of [[], {}, null]) {
      const { env } = await connectedPage();
      const [first] = env.sockets;
      const channel = { id: "x", type: "private" };
      env.socket.receive(frame("pull", "channel_expire", { action: "reconnect", channel, new_channel }));
      await env.settle();
      expect(first?.closedWith?.[0]).toBe(3001);
      expect(env.requests).toHaveLength(2);
    }
  });

  it("channel_expire with a new channel asks for a token that names it, where tokens name channels", async () => {
    for (const [options, type, asked] of [
      [{}, "shared", 2],
      [{}, "private", 1],
      [{ guestUserId: -7 }, "private", 2],
    ] as const) {
      const env = new FakeEnv();
      env.respond = portal(newerConfig(5));
      await connectedPage(options, env);
      env.respond = portal(newerConfig(5, { jwt: "another.token.signature" }));
      const new_channel = { id: "new.signature", type, end: NEVER };
      const params = { action: "reconnect", channel: { id: "x", type }, new_channel };
      env.socket.receive(rpcFrame("pull", "channel_expire", params));
      await env.settle();
      expect(env.sockets[0]?.closedWith?.[0]).toBe(3000);
      expect(env.requests).toHaveLength(asked);
      expect(env.socket.query.get("token")).toBe(
        asked > 1 ? "another.token.signature" : "header.claims.signature",
      );
    }
  });

  it("server_restart closes with 3002 and connects within five seconds after fifteen", async () => {
    const { env } = await connectedPage();
    env.randomValue = 0.5;
    env.socket.receive(frame("pull", "server_restart"));
    expect(env.socket.closedWith?.[0]).toBe(3002);
    await env.advance(17_499);
    expect(env.sockets).toHaveLength(1);
    await env.advance(1);
    expect(env.sockets).toHaveLength(2);
  });

  it("never reach page code, and the messages behind them in the frame do", async () => {
    const { env, BX } = await connectedPage();
    const heard: unknown[] = [];
    BX.addCustomEvent("onPullEvent", (moduleId: string, command: string) => heard.push([moduleId, command]));
    env.socket.receive(frame("pull", "config_expire") + frame("m", "behind"));
    expect(heard).toEqual([["m", "behind"]]);
  });

  it("an expired configuration is noticed within a minute", async () => {
    const { env } = await connectedPage();
    env.respond = () => ({ body: { result: config({ serverTime: new Date(env.time).toISOString() }) } });
    const soon = new Date(env.time + 100_000).toISOString();
    env.socket.receive(
      frame("pull", "channel_expire", {
        action: "reconnect",
        channel: { type: "private" },
        new_channel: { id: "short.lived", type: "private", end: soon },
      }),
    );
    await env.settle();
    env.socket.accept();
    await env.advance(161_000);
    expect(env.requests).toHaveLength(2);
    expect(env.socket.query.get("CHANNEL_ID")).not.toContain("short.lived");
  });
});
