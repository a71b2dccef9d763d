import { describe, expect, it } from "vitest";
import { FakeEnv } from "../support/fake-env";
import { config, connectedPage, NEVER, page, portal } from "../support/page";

describe("another user after a stop", () => {
  it("gets a configuration of their own", async () => {
    const { env, pull, BX } = page({ userId: undefined as never });
    BX.message({ USER_ID: 1 });
    pull.start();
    await env.settle();
    env.socket.accept();
    pull.stop();
    BX.message({ USER_ID: 2 });
    env.respond = () => ({
      body: { result: config({ channels: { private: { id: "second.user", type: "private", end: NEVER } } }) },
    });
    pull.start();
    await env.settle();
    expect(env.requests).toHaveLength(2);
    expect(env.socket.query.get("CHANNEL_ID")).toBe("second.user");
  });
});

describe("start(config)", () => {
  const other = () => config({ server: { websocket: "ws://other.example/" } });

  it("while connected connects anew with the configuration, unless it is the one in force", async () => {
    const { env, pull, statuses } = await connectedPage();
    const serverTime = "2026-11-22T10:00:05+00:00";
    expect(await pull.start(config({ serverTime }))).toBe(true);
    expect(env.sockets).toHaveLength(1);
    const started = pull.start(other());
    await env.settle();
    expect(env.sockets[0]?.closedWith).toEqual([3000, "config was replaced"]);
    expect(env.socket.url).toContain("ws://other.example/");
    expect(pull.start(other())).toBe(started);
    env.socket.accept();
    expect(await started).toBe(true);
    expect([env.sockets.length, env.requests.length]).toEqual([2, 1]);
    expect(statuses.slice(-2)).toEqual(["connect", "online"]);
  });

  it("does so while it connects, and what the portal still answers changes nothing", async () => {
    const { env, pull } = page();
    let answer = () => {};
    env.respond = () =>
      new Promise((resolve) => {
        answer = () => resolve({ body: { result: config() } });
      });
    const first = pull.start();
    await env.settle();
    const second = pull.start(other());
    await env.settle();
    answer();
    await env.settle();
    expect(env.sockets.map(({ url }) => url.split("?")[0])).toEqual(["ws://other.example/"]);
    expect(pull.getConfig()?.server.websocket).toBe("ws://other.example/");
    env.socket.accept();
    expect(await Promise.all([first, second])).toEqual([true, true]);
  });

  it("uses the configuration after a disconnect() as well", async () => {
    const { env, pull } = await connectedPage();
    pull.disconnect();
    pull.start(config({ server: { websocket: "ws://other.example/" } }));
    await env.settle();
    expect(env.socket.url).toContain("ws://other.example/");
  });
});

describe("a configuration loaded again", () => {
  it("never makes a nobody of who was signed in: it is asked for again, with growing waits", async () => {
    const { env, pull } = await connectedPage();
    const { shared } = config().channels;
    env.respond = () => ({ body: { result: config({ channels: { shared } as never }) } });
    pull.restart();
    await env.advance(60_000);
    expect(env.sockets).toHaveLength(1);
    expect(env.requests.length).toBeGreaterThan(3);
    expect(env.printed.flat().join()).toContain("no private channel");
    env.respond = () => ({ body: { result: config() } });
    await env.until(() => env.sockets.length > 1);
    expect(env.socket.query.get("CHANNEL_ID")).toContain("a".repeat(32));
  });

  it("while the portal hangs is asked for by one request at a time", async () => {
    const { env, pull } = await connectedPage();
    env.respond = () => new Promise<never>(() => {});
    pull.restart();
    await env.advance(120_000);
    const open = env.requests.filter(({ signal }) => signal && !signal.aborted);
    expect(env.requests.length).toBeGreaterThan(4);
    expect(open.length).toBeLessThan(3);
    pull.stop();
    expect(env.requests.filter(({ signal }) => signal && !signal.aborted).length).toBeLessThan(2);
  });
});

describe("the kept configuration", () => {
  it("is of the time that the page was told, whether either is a text or a number", async () => {
    for (const [told, own] of [
      [7, "7"],
      ["7", 7],
      ["0", undefined],
    ] as const) {
      const { server } = config();
      const env = new FakeEnv();
      env.respond = portal(config({ server: { ...server, config_timestamp: own as number } }));
      await connectedPage({}, env);
      const next = new FakeEnv(env);
      await connectedPage({ configTimestamp: told as number }, next);
      expect(next.requests).toEqual([]);
    }
  });

  it("is not kept for a page that does not say whose it is", async () => {
    for (const options of [{ userId: 0 }, { userId: 1, skipStorageInit: true }]) {
      const { env } = await connectedPage(options);
      expect([...env.localStorage.items.keys()].join()).not.toContain("bx-pull-config");
    }
  });

  it("is doubted when nobody can connect with it: the portal is asked, once", async () => {
    const { env } = await connectedPage();
    const moved = new FakeEnv(env);
    moved.respond = () => ({ body: { result: config({ server: { websocket: "ws://moved.example/" } }) } });
    const { pull } = page({}, moved);
    const started = pull.start();
    await moved.settle();
    expect(moved.requests).toEqual([]);
    moved.socket.drop();
    await moved.until(() => moved.sockets.length > 1);
    expect(moved.requests[0]?.url).toContain("logTag=connect_failed");
    expect(moved.socket.url).toContain("ws://moved.example/");
    moved.socket.drop();
    await moved.until(() => moved.sockets.length > 2);
    expect(moved.requests).toHaveLength(1);
    moved.socket.accept();
    expect(await started).toBe(true);
  });

  it("that once worked is not doubted when the connection is lost", async () => {
    const { env } = await connectedPage();
    const later = await connectedPage({}, new FakeEnv(env));
    later.env.socket.drop();
    await later.env.until(() => later.env.sockets.length > 1);
    expect(later.env.requests).toEqual([]);
  });
});
