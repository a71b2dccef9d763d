import { describe, expect, it } from "vitest";
import { FakeEnv } from "../support/fake-env";
import {
  connectedPage,
  frame,
  newerConfig,
  nextMid,
  page,
  portal,
  rpcFrame,
  type TestPage,
  telling,
  verdict,
} from "../support/page";
import { protobufFrame } from "../support/protobuf";

const BLOCKED = "bx-pull-1-s1-bx-pull-websocket-blocked";

/** Cuts off sockets while they open, until there is a poll. */
async function untilPolled(env: FakeEnv): Promise<void> {
  await env.settle();
  for (let tries = 1; !env.polls.length; tries++) {
    env.socket.drop();
    await env.until(() => env.sockets.length > tries || env.polls.length > 0);
  }
}

/** A page on such a network at a server that says where connections begin, whose first poll is out; and what its page hears. */
async function tellingPage() {
  const env = new FakeEnv();
  const { server, ...rest } = telling(newerConfig(4));
  env.respond = portal({ ...rest, server: { ...server, version: 3 } });
  const { BX, pull } = page({}, env);
  const heard: unknown[] = [];
  BX.addCustomEvent("onPullEvent-m", (command: string) => heard.push(command));
  BX.addCustomEvent("onPullGap", (gap: unknown) => heard.push(gap));
  pull.start();
  await untilPolled(env);
  return { env, heard };
}

/** A page on whose network sockets are cut off while they open. */
async function blockedPage(version: 4 | 5 = 4, env = new FakeEnv()): Promise<TestPage> {
  env.respond ??= portal(newerConfig(version));
  const made = page({}, env);
  const started = made.pull.start();
  await untilPolled(env);
  await env.advance(300);
  await started;
  return made;
}
const failProbe = async (env: FakeEnv) => {
  const count = env.sockets.length;
  await env.until(() => env.sockets.length > count);
  env.socket.drop();
};

describe("long polling stands in", () => {
  it("after two sockets that did not open", async () => {
    const { env, pull, statuses } = await blockedPage();
    expect(env.sockets).toHaveLength(2);
    expect(statuses).toEqual(["connect", "online"]);
    expect(pull.getDebugInfo()).toMatchObject({ Connect: "Y", "WebSocket connected": "N" });
  });

  it("after two that hang", async () => {
    const { env, pull } = page();
    env.respond = portal(newerConfig(4));
    pull.start();
    await env.until(() => env.polls.length > 0);
    expect(env.sockets).toHaveLength(2);
    expect(env.sockets.every(({ closedWith }) => closedWith)).toBe(true);
  });

  it("at once on the next page, for an hour", async () => {
    const { env } = await blockedPage();
    expect(Number(env.localStorage.getItem(BLOCKED))).toBe(env.time);
    const next = page({}, new FakeEnv(env));
    next.pull.start();
    await next.env.settle();
    expect([next.env.sockets.length, next.env.polls.length]).toEqual([0, 1]);
    const late = new FakeEnv(env);
    late.time += 3_600_000;
    const later = page({}, late);
    later.pull.start();
    await late.settle();
    expect([late.sockets.length, late.polls.length]).toEqual([1, 0]);
  });

  it("not where the configuration has no address for it", async () => {
    const { long_polling, long_pooling_secure, ...server } = newerConfig(4).server;
    const { env, pull } = page();
    env.respond = portal(newerConfig(4, { server }));
    pull.start();
    await env.settle();
    for (let tries = 1; tries < 10; tries++) {
      env.socket.drop();
      await env.until(() => env.sockets.length > tries);
    }
    expect(env.polls).toEqual([]);
  });

  it("in turn with sockets while neither opens", async () => {
    const { env, pull } = page();
    env.respond = portal(newerConfig(4));
    pull.start();
    const order: string[] = [];
    for (let tries = 0; tries < 8; tries++) {
      const count = env.sockets.length + env.polls.length;
      if (tries) {
        if (order.at(-1) === "socket") env.socket.drop();
        else env.poll.fail();
      }
      const before = env.polls.length;
      await env.until(() => env.sockets.length + env.polls.length > (tries ? count : 0));
      order.push(env.polls.length > before ? "poll" : "socket");
    }
    expect(order).toEqual(["socket", "socket", "poll", "socket", "poll", "socket", "poll", "socket"]);
    expect(env.localStorage.getItem(BLOCKED)).toBeNull();
  });

  it("later where a socket has worked before", async () => {
    const env = new FakeEnv();
    env.respond = portal(newerConfig(4));
    await connectedPage({}, env);
    env.socket.drop();
    for (let tries = 2; tries <= 6; tries++) {
      await env.until(() => env.sockets.length >= tries || env.polls.length > 0);
      expect(env.polls).toEqual([]);
      env.socket.drop();
    }
    await env.until(() => env.polls.length > 0);
  });
});

describe("the way back to a socket", () => {
  it("is tried again when the probe asked for no position, and the polls have one by now", async () => {
    const { env, heard } = await tellingPage();
    env.fire("online"); // which tries a socket at once
    await env.settle();
    const [probe] = env.sockets.slice(-1);
    expect(probe?.query.get("mid")).toBeNull();
    const [first, between, now, later] = Array.from({ length: 4 }, nextMid) as [string, ...string[]];
    env.poll.answer(verdict(first, ""));
    await env.settle();
    probe?.accept();
    probe?.receive(verdict(now as string, "") + frame("m", "later", {}, {}, later));
    await env.settle();
    expect(env.poll.aborted).toBe(false);
    expect(env.socket).not.toBe(probe);
    expect(env.socket.query.get("mid")).toBe(first);
    env.poll.answer(frame("m", "between", {}, {}, between) + frame("m", "later", {}, {}, later));
    await env.settle();
    expect(heard).toEqual(["between", "later"]);
  });

  it("takes no harm from a verdict that events have overtaken by the polls meanwhile", async () => {
    const { env, heard } = await tellingPage();
    const [first, asked, between, mid] = Array.from({ length: 4 }, nextMid) as [string, ...string[]];
    env.poll.answer(verdict(first, "") + frame("m", "before", {}, {}, asked));
    await env.settle();
    env.fire("online"); // which tries a socket at once
    await env.settle();
    expect(env.socket.query.get("mid")).toBe(asked);
    env.poll.answer(frame("m", "after", {}, {}, mid));
    await env.settle();
    expect(env.poll.query.get("mid")).toBe(mid);
    env.socket.accept();
    env.socket.receive(verdict(between as string, "", asked) + frame("m", "after", {}, {}, mid));
    expect(heard).toEqual(["before", "after"]);
  });

  it("is tried after ten seconds, then with growing pauses up to five minutes", async () => {
    const { env } = await blockedPage();
    const pauses: number[] = [];
    let last = env.time - 300;
    for (let probe = 0; probe < 8; probe++) {
      await failProbe(env);
      pauses.push(Math.round((env.time - last) / 1000));
      last = env.time;
      env.poll.answer(protobufFrame("m", "c", {}, { mid: nextMid() }));
      await env.settle();
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it("is tried when the network comes back", async () => {
    const { env } = await blockedPage();
    env.fire("online");
    expect(env.sockets).toHaveLength(3);
    expect(env.poll.aborted).toBe(false);
  });

  it("leads to a socket without a gap, a double or an announcement", async () => {
    const { env, pull, BX, statuses } = await blockedPage();
    const heard: string[] = [];
    BX.addCustomEvent("onPullEvent", (_: string, command: string) => heard.push(command));
    const [one, two, three] = [nextMid(), nextMid(), nextMid()];
    env.poll.answer(protobufFrame("m", "one", {}, { mid: one }));
    await env.until(() => env.sockets.length > 2);
    expect(env.socket.query.get("mid")).toBe(one);
    // While the socket opens, polling goes on.
    env.poll.answer(protobufFrame("m", "two", {}, { mid: two }));
    await env.settle();
    const { poll } = env;
    env.socket.accept();
    env.socket.receive(protobufFrame("m", "two", {}, { mid: two }));
    env.socket.receive(protobufFrame("m", "three", {}, { mid: three }));
    expect(heard).toEqual(["one", "two", "three"]);
    expect(poll.aborted).toBe(true);
    expect(statuses).toEqual(["connect", "online"]);
    expect(pull.getDebugInfo()).toMatchObject({ "WebSocket connected": "Y", "WebSocket mode": "protobuf" });
    expect(env.localStorage.getItem(BLOCKED)).toBeNull();
    for (let half = 0; half < 20; half++) {
      env.socket.receive(protobufFrame("m", "more", {}, { mid: nextMid() }));
      await env.advance(30_000);
    }
    expect([env.sockets.length, env.polls.length]).toEqual([3, 3]);
  });

  it("leads to a socket that another may replace later", async () => {
    const { env, pull } = await blockedPage();
    await env.until(() => env.sockets.length > 2);
    const first = env.socket;
    first.accept();
    // Silence, so another one is opened and takes its place.
    await env.until(() => env.sockets.length > 3);
    env.socket.accept();
    expect([first.closedWith === null, env.socket.closedWith]).toEqual([false, null]);
    expect(pull.isConnected()).toBe(true);
  });

  it("makes sending possible, and the user status comes along", async () => {
    const { env, pull } = await blockedPage(5);
    await expect(pull.ping()).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    await env.until(() => env.sockets.length > 2);
    env.socket.accept();
    pull.ping().catch(() => {});
    await env.settle();
    env.socket.receive(rpcFrame("m", "c", {}, { mid: "7" }));
    expect(env.socket.sent).toEqual(['{"jsonrpc":"2.0","method":"ping","params":{},"id":1}', "mack:7"]);
  });

  it("does not disturb polling when it fails or hangs", async () => {
    const { env, statuses, pull } = await blockedPage();
    await failProbe(env);
    await env.until(() => env.sockets.length > 3);
    const hanging = env.socket;
    expect(pull.getDebugInfo().Path).toMatch(/^http:/);
    env.poll.answer(protobufFrame("m", "c", {}, { mid: nextMid() }));
    await env.until(() => env.sockets.length > 4);
    expect(hanging.closedWith).not.toBeNull();
    expect(statuses).toEqual(["connect", "online"]);
  });

  it("is taken again by the next socket when the one it led to is lost", async () => {
    const { env } = await blockedPage();
    await env.until(() => env.sockets.length > 2);
    env.socket.accept();
    env.socket.drop();
    await env.until(() => env.sockets.length > 3 || env.polls.length > 1);
    expect(env.sockets).toHaveLength(4);
  });

  it("is not looked for where there can be no socket", async () => {
    for (const without of ["browser", "portal"]) {
      const env = new FakeEnv();
      const { server } = newerConfig(4);
      env.respond = portal(
        newerConfig(4, { server: { ...server, websocket_enabled: without === "browser" } }),
      );
      if (without === "browser") env.WebSocket = undefined;
      const { pull } = page({}, env);
      pull.start();
      await env.advance(300);
      env.fire("online");
      await env.advance(50_000);
      expect([env.sockets.length, env.polls.length]).toEqual([0, 1]);
      expect(env.localStorage.getItem(BLOCKED)).toBeNull();
    }
  });

  it("ends with the client", async () => {
    for (const end of ["stop", "disconnect"] as const) {
      const { env, pull } = await blockedPage();
      await env.until(() => env.sockets.length > 2);
      pull[end]();
      expect(env.socket.closedWith).not.toBeNull();
      await env.advance(600_000);
      expect([env.sockets.length, env.poll.aborted]).toEqual([3, true]);
      if (end === "stop") expect(env.timerCount + env.listenerCount).toBe(0);
    }
  });
});
