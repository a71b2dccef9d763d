import { describe, expect, it } from "vitest";
import { installBx } from "../../src/bx/install";
import { createPullClient } from "../../src/pull/client";
import type { PullConfig } from "../../src/pull/config";
import type { RestClient, RestReply } from "../../src/pull/options";
import { FakeEnv } from "../support/fake-env";
import { config, connectedPage, frame, NEVER, nextMid, page } from "../support/page";

describe("start()", () => {
  it("asks the portal, connects to its channels and resolves when connected", async () => {
    const { env, pull, statuses } = page();
    const started = pull.start();
    await env.settle();
    expect(env.requests[0]?.url).toBe("/rest/pull.config.get.json?logTag=client_start");
    expect(env.requests[0]?.body).toBe("CACHE=N");
    expect(env.socket.url).toBe(
      `ws://push.example/bitrix/subws/?CHANNEL_ID=${"a".repeat(32)}.${"1".repeat(40)}%2F${"b".repeat(32)}.${"2".repeat(40)}&revision=19`,
    );
    env.socket.accept();
    expect(await started).toBe(true);
    expect(statuses).toEqual(["connect", "online"]);
    expect(pull.isConnected()).toBe(true);
  });

  it("sends the page's session id", async () => {
    const { env, pull, BX } = page();
    BX.message({ bitrix_sessid: "abc" });
    pull.start();
    await env.settle();
    expect(env.requests[0]?.body).toBe("sessid=abc&CACHE=N");
  });

  it("sends the guest's id in place of a session", async () => {
    const { env, pull } = page({ guestUserId: -1 });
    pull.start();
    await env.settle();
    expect(env.requests[0]?.body).toBe("pull_guest_id=-1&CACHE=N");
  });

  it("shares one promise and one connection between concurrent calls", async () => {
    const { env, pull } = page();
    const first = pull.start();
    expect(pull.start()).toBe(first);
    await env.settle();
    expect(env.sockets).toHaveLength(1);
  });

  it("uses a configuration it is given, without asking the portal", async () => {
    const { env, pull } = page();
    pull.start(config());
    await env.settle();
    expect(env.requests).toEqual([]);
    expect(env.sockets).toHaveLength(1);
  });

  it("uses the secure address on a secure page", async () => {
    const { env, pull } = page();
    env.secure = true;
    pull.start();
    await env.settle();
    expect(env.socket.url.startsWith("wss://")).toBe(true);
  });

  it("uses the configuration an earlier page left", async () => {
    const { env } = await connectedPage();
    const later = page({}, new FakeEnv(env));
    later.pull.start();
    await later.env.settle();
    expect(later.env.requests).toEqual([]);
    expect(later.env.sockets).toHaveLength(1);
  });

  it("asks again when the one left is of another user, another timestamp, or has run out", async () => {
    const { env } = await connectedPage();
    for (const options of [{ userId: 2 }, { configTimestamp: 5 }]) {
      const later = page(options, new FakeEnv(env));
      later.pull.start();
      await later.env.settle();
      expect(later.env.requests).toHaveLength(1);
    }
    const late = new FakeEnv(env);
    late.time = Date.parse(NEVER) + 1;
    late.respond = () => ({ body: { result: config({ serverTime: NEVER }) } });
    const later = page({}, late);
    later.pull.start();
    await late.settle();
    expect(late.requests).toHaveLength(1);
  });

  it.each([
    ["serverEnabled: false", { serverEnabled: false }, config(), "PULL_DISABLED"],
    ["a server that is switched off", {}, config({ server: { server_enabled: false } }), "PULL_DISABLED"],
    ["a configuration without server", {}, {} as PullConfig, "BAD_CONFIG"],
    ["no WebSocket address", {}, config({ server: { websocket_enabled: false } }), "BAD_CONFIG"],
    [
      "a version it does not speak",
      {},
      config({ server: { version: 5, websocket: "ws://x/" } }),
      "BAD_CONFIG",
    ],
  ])("rejects for %s, and opens nothing", async (_, options, answer, code) => {
    const { env, pull } = page(options);
    env.respond = () => ({ body: { result: answer } });
    await expect(pull.start()).rejects.toMatchObject({ name: expect.stringMatching(/Error$/), code });
    expect(env.sockets).toEqual([]);
    expect(env.timerCount + env.listenerCount).toBe(0);
  });

  it("reads BX.message for what it was not told", async () => {
    const { env, BX, win } = page();
    BX.message({ USER_ID: "7", SITE_ID: "ru", pull_server_enabled: "Y" });
    const pull = new (createPullClient({ env_: env, bx_: installBx(win), win_: win }))();
    pull.start();
    await env.settle();
    env.socket.accept();
    expect(pull.getDebugInfo().UserId).toBe("7");
    expect([...env.localStorage.items.keys()]).toContain("bx-pull-7-ru-bx-pull-config");
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
    env.openSocket_ = (url) => {
      throw new SyntaxError(`The URL '${url}' is invalid.`);
    };
    pull.start();
    await env.advance(5000);
    expect(JSON.stringify(env.printed)).toContain("no WebSocket");
    expect(JSON.stringify(env.printed)).not.toContain("a".repeat(32));
  });
});

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

describe("a portal that refuses", () => {
  it("announces AUTHORIZE_ERROR and rejects when nobody is signed in", async () => {
    const { env, pull, BX } = page();
    const errors: unknown[] = [];
    BX.addCustomEvent("onPullError", (code: string) => errors.push(code));
    env.respond = () => ({
      status: 403,
      body: { error: "AUTHORIZE_ERROR", error_description: "not signed in" },
    });
    await expect(pull.start()).rejects.toMatchObject({ code: "AUTHORIZE_ERROR", status: 403 });
    expect(errors).toEqual(["AUTHORIZE_ERROR"]);
  });

  it("is not asked for ever when it names another session id each time", async () => {
    const { env, pull } = page();
    let count = 0;
    env.respond = () => ({ status: 401, body: { error: "session_failed", sessid: `s${++count}` } });
    await expect(pull.start()).rejects.toMatchObject({ code: "session_failed" });
    expect(env.requests).toHaveLength(2);
  });

  it("that never answers is given up in time, and asked again", async () => {
    const { env, pull } = page();
    env.respond = () => new Promise(() => {});
    pull.start();
    await env.advance(15_000);
    await env.until(() => env.requests.length > 1);
    expect(env.time - Date.parse("2026-11-22T10:00:00Z")).toBeLessThan(16_000);
  });

  it("with another config_timestamp than the page was told is asked once, not every minute", async () => {
    const { env } = await connectedPage({ configTimestamp: 5 });
    await env.advance(300_000);
    expect(env.requests).toHaveLength(1);
  });

  it("is asked once more with the session id it names", async () => {
    const { env, pull, BX } = page();
    BX.message({ bitrix_sessid: "old" });
    env.respond = ({ body }) =>
      body.includes("sessid=new")
        ? { body: { result: config() } }
        : { status: 401, body: { error: "session_failed", sessid: "new" } };
    pull.start();
    await env.settle();
    expect(env.requests.map(({ body }) => body)).toEqual(["sessid=old&CACHE=N", "sessid=new&CACHE=N"]);
    expect(env.sockets).toHaveLength(1);
  });

  it("is asked again with growing waits while it is down, and start() goes on waiting", async () => {
    const { env, pull } = page();
    let down = true;
    env.respond = () => {
      if (down) throw new TypeError("network is down");
      return { body: { result: config() } };
    };
    const started = pull.start();
    await env.advance(60_000);
    expect(env.requests.length).toBeGreaterThan(3);
    down = false;
    await env.until(() => env.sockets.length > 0);
    env.socket.accept();
    expect(await started).toBe(true);
  });
});

describe("a restClient of the page", () => {
  const replying = (reply: RestReply | Error, fails = false) => {
    const calls: unknown[] = [];
    const callMethod: RestClient["callMethod"] = async (...args) => {
      calls.push(args);
      if (fails) throw reply;
      return reply as RestReply;
    };
    return { calls, restClient: { callMethod } };
  };

  it("is asked in place of the portal", async () => {
    const { calls, restClient } = replying({ data: () => config(), error: () => undefined });
    const { env, pull } = page({ restClient });
    pull.start();
    await env.settle();
    expect(calls).toEqual([["pull.config.get", { CACHE: "N" }, undefined, undefined, "client_start"]]);
    expect(env.requests).toEqual([]);
    expect(env.sockets).toHaveLength(1);
  });

  it.each([true, false])("may refuse, by a rejection (%s) or not", async (fails) => {
    const error = () => ({ error: "AUTHORIZE_ERROR", error_description: "not signed in" });
    const { restClient } = replying({ data: () => undefined, error, status: 403 }, fails);
    await expect(page({ restClient }).pull.start()).rejects.toMatchObject({
      code: "AUTHORIZE_ERROR",
      status: 403,
      message: "pull.config.get: not signed in",
    });
  });

  it("is asked again when it breaks", async () => {
    const { calls, restClient } = replying(new Error("broken"), true);
    const { env, pull } = page({ restClient });
    pull.start();
    await env.until(() => calls.length > 1);
    expect(env.sockets).toEqual([]);
  });
});

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

  it("gives up a socket that does not open in time", async () => {
    const { env, pull } = page();
    pull.start();
    await env.advance(16_000);
    expect(env.sockets[0]?.closedWith).not.toBeNull();
    expect(env.sockets.length).toBeGreaterThan(1);
  });

  it("survives a WebSocket that cannot be made", async () => {
    const { env, pull } = page();
    const real = env.openSocket_;
    env.openSocket_ = () => {
      throw new SyntaxError("bad address");
    };
    const started = pull.start();
    await env.advance(3000);
    env.openSocket_ = real;
    await env.until(() => env.sockets.length > 0);
    env.socket.accept();
    expect(await started).toBe(true);
  });
});

describe("stopping", () => {
  it("leaves no timer, listener or request behind, in any state", async () => {
    for (const state of ["loading", "connecting", "open", "waiting"]) {
      const { env, pull } = page();
      let aborted = false;
      if (state === "loading") {
        env.respond = ({ signal }) => {
          signal?.addEventListener("abort", () => {
            aborted = true;
          });
          return new Promise(() => {});
        };
      }
      const started = pull.start();
      started.catch(() => {});
      pull.extendWatch("TAG", true);
      await env.settle();
      if (state === "open" || state === "waiting") env.socket.accept();
      if (state === "waiting") env.socket.drop();
      pull.stop();
      expect([state, env.timerCount, env.listenerCount]).toEqual([state, 0, 0]);
      if (state === "loading") expect(aborted).toBe(true);
      if (state === "loading" || state === "connecting") {
        await expect(started).rejects.toMatchObject({ code: "PULL_STOPPED" });
      }
      const before = env.requests.length + env.sockets.length;
      await env.advance(3_600_000);
      expect(env.requests.length + env.sockets.length).toBe(before);
    }
  });

  it("is not undone by the network or the page coming back", async () => {
    for (const end of ["stop", "disconnect"] as const) {
      const { env, pull } = await connectedPage();
      pull[end]();
      env.fire("online");
      env.fire("visibilitychange");
      env.fire("pageshow");
      await env.advance(60_000);
      expect(env.sockets).toHaveLength(1);
    }
  });

  it("tells the server why, with 3004 when the page does not say", async () => {
    const { env, pull } = await connectedPage();
    pull.disconnect();
    expect(env.socket.closedWith).toEqual([3004, "manual"]);
    const other = await connectedPage();
    other.pull.stop(1000, "bye");
    expect(other.env.socket.closedWith).toEqual([1000, "bye"]);
  });

  it.each(["start", "connect", "reconnect"] as const)("is ended by %s()", async (method) => {
    for (const end of ["stop", "disconnect"] as const) {
      const { env, pull } = await connectedPage();
      pull[end]();
      pull[method]();
      await env.settle();
      expect(env.sockets).toHaveLength(2);
    }
  });

  it("by disconnect() and connect() announces only that it is online again", async () => {
    const { env, pull, statuses } = await connectedPage();
    statuses.length = 0;
    pull.disconnect();
    pull.connect();
    await env.settle();
    env.socket.accept();
    expect(statuses).toEqual(["online"]);
  });

  it("ignores what an abandoned socket still says", async () => {
    const { env, pull, BX } = await connectedPage();
    const old = env.socket;
    const heard: unknown[] = [];
    BX.addCustomEvent("onPullEvent", (...args: unknown[]) => heard.push(args));
    pull.reconnect();
    await env.settle();
    env.socket.accept();
    old.receive(frame("m", "late"));
    old.drop();
    await env.settle();
    expect(heard).toEqual([]);
    expect(pull.isConnected()).toBe(true);
  });
});

describe("system commands", () => {
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

  it("server_restart closes with 3002 and connects after fifteen seconds", async () => {
    const { env } = await connectedPage();
    env.socket.receive(frame("pull", "server_restart"));
    expect(env.socket.closedWith?.[0]).toBe(3002);
    await env.advance(14_999);
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

describe("revision", () => {
  it("another one in an event disconnects and disables the client, after the event was delivered", async () => {
    const { env, pull, BX, statuses } = await connectedPage();
    const log: unknown[] = [];
    BX.addCustomEvent("onPullEvent-m", (command: string) => log.push(command));
    BX.addCustomEvent("onPullRevisionUp", (...args: unknown[]) => log.push(args));
    pull.subscribe({ type: "revision", callback: (...args: unknown[]) => log.push(args) });
    env.socket.receive(frame("m", "c", {}, { revision_web: 20 }));
    expect(log).toEqual(["c", [20, 19], [{ server: 20, client: 19 }, { type: "revision" }]]);
    expect(env.socket.closedWith).toEqual([1000, "check_revision"]);
    expect(statuses.at(-1)).toBe("offline");
    await expect(pull.start()).rejects.toMatchObject({ code: "REVISION_MISMATCH" });
  });

  it("another one in the configuration keeps the client from connecting", async () => {
    const { env, pull } = page();
    env.respond = () => ({ body: { result: config({ api: { revision_web: 20 } }) } });
    await expect(pull.start()).rejects.toMatchObject({ code: "REVISION_MISMATCH" });
    expect(env.sockets).toEqual([]);
  });

  it("is not looked at with skipCheckRevision, and 0 or none means nothing", async () => {
    const skipping = await connectedPage({ skipCheckRevision: true });
    skipping.env.socket.receive(frame("m", "c", {}, { revision_web: 20 }));
    expect(skipping.pull.isConnected()).toBe(true);
    const { env, pull } = await connectedPage();
    env.socket.receive(
      frame("m", "c", {}, { revision_web: 0 }) + frame("m", "c", {}, { revision_web: -1 }) + frame("m", "c"),
    );
    expect(pull.isConnected()).toBe(true);
  });
});

describe("a page reload", () => {
  it("continues from the last message, and says nothing while it unloads", async () => {
    const { env, statuses } = await connectedPage();
    const mid = nextMid();
    env.socket.receive(frame("m", "c", {}, {}, mid));
    statuses.length = 0;
    env.fire("pagehide");
    env.socket.drop(1001);
    await env.advance(6000);
    expect(statuses).toEqual([]);
    const next = await connectedPage({}, new FakeEnv(env));
    expect(next.env.sockets[0]?.query.get("mid")).toBe(mid);
    expect(next.env.sockets[0]?.query.has("tag")).toBe(false);
  });

  it("does not continue from a position older than twenty seconds", async () => {
    const { env } = await connectedPage();
    env.socket.receive(frame("m", "c"));
    env.fire("pagehide");
    const later = new FakeEnv(env);
    later.time += 20_001;
    const next = await connectedPage({}, later);
    expect(next.env.socket.query.has("mid")).toBe(false);
  });
});

describe("watch tags", () => {
  it("are renewed within five seconds when forced, together, then before they run out", async () => {
    const { env, pull } = await connectedPage();
    pull.extendWatch("A", true);
    await env.advance(3000);
    pull.extendWatch("B", true);
    await env.advance(2000);
    expect(env.requests.at(-1)?.url).toBe("/rest/pull.watch.extend.json");
    expect(env.requests.at(-1)?.body).toBe("tags[0]=A&tags[1]=B");
    const sent = env.requests.length;
    await env.advance(1_740_000);
    expect(env.requests.length).toBe(sent + 1);
  });

  it("that the portal does not know are dropped, and cleared ones not renewed", async () => {
    const { env, pull } = await connectedPage();
    pull.extendWatch("KNOWN");
    pull.extendWatch("GONE");
    pull.extendWatch("CLEARED");
    pull.clearWatch("CLEARED");
    env.respond = () => ({ body: { result: { KNOWN: true, GONE: false } } });
    await env.advance(1_740_000);
    expect(env.requests.at(-1)?.body).toBe("tags[0]=KNOWN&tags[1]=GONE");
    expect(pull.getDebugInfo()["Watch tags"]).toEqual({ KNOWN: true });
  });

  it("wait for start(), and are renewed soon after a failure", async () => {
    const { env, pull } = page();
    pull.extendWatch("TAG", true);
    await env.advance(10_000);
    expect(env.requests).toEqual([]);
    pull.start();
    await env.settle();
    env.socket.accept();
    env.respond = () => {
      throw new TypeError("down");
    };
    await env.advance(5000);
    const failed = env.requests.length;
    await env.advance(30_000);
    expect(env.requests.length).toBe(failed + 1);
  });
});
