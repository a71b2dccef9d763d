import { describe, expect, it } from "vitest";
import { FakeEnv } from "../support/fake-env";
import { config, connectedPage, NEVER, page } from "../support/page";

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
