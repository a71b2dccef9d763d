import { describe, expect, it } from "vitest";
import { connectedPage, frame, nextMid, page } from "../support/page";

describe("a lost connection", () => {
  it("comes back with the position of the last message", async () => {
    const { env, statuses } = await connectedPage();
    const mid = nextMid();
    env.socket.receive(frame("m", "c", {}, {}, mid));
    env.socket.drop();
    await env.advance(500);
    const { query } = env.socket;
    expect([query.get("mid"), query.get("tag"), query.get("time"), query.get("revision")]).toEqual([
      mid,
      "001",
      "Sun, 22 Nov 2026 10:00:00 GMT",
      "19",
    ]);
    env.socket.accept();
    expect(statuses).toEqual(["connect", "online", "connect", "online"]);
    expect(env.requests).toHaveLength(1);
  });

  it("is called offline only after five seconds", async () => {
    const { env, statuses } = await connectedPage();
    env.socket.drop();
    await env.advance(4999);
    expect(statuses).not.toContain("offline");
    await env.advance(2);
    expect(statuses.at(-1)).toBe("offline");
  });

  it("that does not come about is called offline after five seconds, once", async () => {
    const { env, pull, statuses } = page();
    const started = pull.start();
    await env.settle();
    env.socket.drop();
    await env.advance(4999);
    expect(statuses).toEqual(["connect"]);
    await env.advance(60_000);
    expect(statuses).toEqual(["connect", "offline"]);
    await env.until(() => !env.socket.readyState);
    env.socket.accept();
    await started;
    expect(statuses).toEqual(["connect", "offline", "online"]);
  });

  it("is never followed by a wait above thirty seconds", async () => {
    const { env } = await connectedPage();
    env.randomValue = 0.999;
    for (let failure = 0; failure < 20; failure++) {
      env.socket.drop();
      const [count, lost] = [env.sockets.length, env.time];
      await env.until(() => env.sockets.length > count);
      expect(env.time - lost).toBeLessThanOrEqual(30_000);
    }
  });

  it("is tried at once when the network or the page comes back", async () => {
    for (const event of ["online", "visibilitychange", "pageshow"]) {
      const { env } = await connectedPage();
      env.socket.drop();
      env.fire(event);
      await env.settle();
      expect(env.sockets).toHaveLength(2);
    }
  });

  it("loads the configuration again when the channel was refused, and does not spin when that goes on", async () => {
    const { env } = await connectedPage();
    for (let refusal = 0; refusal < 6; refusal++) {
      env.socket.drop(4010, "wrong channel");
      const [requests, sockets] = [env.requests.length, env.sockets.length];
      await env.until(() => env.sockets.length > sockets);
      expect(env.requests.length).toBe(requests + 1);
      expect(env.requests.at(-1)?.url).toContain("logTag=4010_wrong_channel_id");
      env.socket.accept();
    }
    env.socket.drop(4010, "wrong channel");
    const before = env.requests.length;
    await env.advance(1000);
    expect(env.requests.length).toBe(before);
  });

  it.each(["config_expire", "channel_expire"])(
    "does not spin when every new one is told %s, and is quick again once that is over",
    async (command) => {
      const { env } = await connectedPage();
      env.randomValue = 1;
      const began = env.time;
      for (let turn = 1; turn <= 6; turn++) {
        env.socket.receive(frame("pull", command));
        await env.until(() => env.sockets.length > turn);
        env.socket.accept();
      }
      // At once, then after up to 1, 2, 4, 8 and 16 s.
      expect(env.time - began).toBeGreaterThanOrEqual(31_000);
      env.socket.receive(frame("m", "c"));
      env.socket.receive(frame("pull", command));
      await env.settle();
      expect(env.sockets).toHaveLength(8);
    },
  );

  it("gives up a socket that does not open in time", async () => {
    const { env, pull } = page();
    pull.start();
    await env.advance(16_000);
    expect(env.sockets[0]?.closedWith).not.toBeNull();
    expect(env.sockets.length).toBeGreaterThan(1);
  });

  it("survives a WebSocket that cannot be made", async () => {
    const { env, pull } = page();
    const real = env.WebSocket;
    env.WebSocket = class {
      constructor() {
        throw new SyntaxError("bad address");
      }
    } as never;
    const started = pull.start();
    await env.advance(3000);
    env.WebSocket = real;
    await env.until(() => env.sockets.length > 0);
    env.socket.accept();
    expect(await started).toBe(true);
  });
});

describe("what page code gets wrong", () => {
  it.each([
    ["a code that browsers keep for themselves", 1001, "manual"],
    ["a code out of range", 99_999, "manual"],
    ["a reason that is too long", 3004, "x".repeat(200)],
  ])("does not keep a connection open: %s", async (_, code, reason) => {
    for (const method of ["stop", "disconnect", "reconnect", "restart"] as const) {
      const { env, pull } = await connectedPage();
      const first = env.socket;
      pull[method](code, reason);
      expect(first.readyState).toBe(3);
      await env.settle();
      expect(env.sockets).toHaveLength(method === "stop" || method === "disconnect" ? 1 : 2);
    }
  });

  it("does not show an address with secrets when no socket can be made of it", async () => {
    const { env, pull } = page();
    env.WebSocket = class {
      constructor(url: string) {
        throw new SyntaxError(`The URL '${url}' is invalid.`);
      }
    } as never;
    pull.start();
    await env.advance(5000);
    expect(JSON.stringify(env.printed)).toContain("no WebSocket");
    expect(JSON.stringify(env.printed)).not.toContain("a".repeat(32));
  });
});
