import { describe, expect, it } from "vitest";
import { shim } from "../../src/bx/shim";
import { text } from "../../src/protocols/text";
import { createPullClient } from "../../src/pull/client";
import type { PullConfig } from "../../src/pull/config";
import type { PullOptions } from "../../src/pull/options";
import { FakeEnv } from "../support/fake-env";
import { config, connectedPage, frame, NEVER, nextMid, page, portal, type TestPage } from "../support/page";

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

  it.each([
    ["a secure page", {}],
    ["its frames without an address of their own", { scheme: "about:" }],
    ["its sandboxed frames", { sandboxed: true }],
  ])("uses the secure address on %s", async (_, kind) => {
    const { env, pull } = page();
    Object.assign(env, { secure: true }, kind);
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
    ["no address", {}, config({ server: { websocket_enabled: false } }), "BAD_CONFIG"],
  ])("rejects for %s, and opens nothing", async (_, options, answer, code) => {
    const { env, pull } = page(options);
    env.respond = () => ({ body: { result: answer } });
    await expect(pull.start()).rejects.toMatchObject({ name: expect.stringMatching(/Error$/), code });
    expect(env.sockets).toEqual([]);
    expect(env.timerCount + env.listenerCount).toBe(0);
  });

  it("that was rejected for a configuration leaves nothing of it to the next page", async () => {
    const { env, pull } = page();
    env.respond = portal(config({ server: { websocket_enabled: false } }));
    await expect(pull.start()).rejects.toMatchObject({ code: "BAD_CONFIG" });
    expect(env.localStorage.length).toBe(0);
    env.respond = portal(config());
    const later = await connectedPage({}, new FakeEnv(env));
    expect(later.pull.isConnected()).toBe(true);
  });

  it("takes an option that is undefined or null for one that is not given", async () => {
    for (const nothing of [undefined, null]) {
      const { env, pull, BX } = page({
        restUrl: nothing,
        configGetMethod: nothing,
        events: nothing,
      } as unknown as PullOptions);
      const heard: unknown[] = [];
      BX.addCustomEvent("onPullEvent-m", (command: string) => heard.push(command));
      pull.start();
      await env.settle();
      expect(env.requests[0]?.url).toBe("/rest/pull.config.get.json?logTag=client_start");
      env.socket.accept();
      env.socket.receive(frame("m", "c"));
      expect(heard).toEqual(["c"]);
      const PullClient = pull.constructor as new (options: unknown) => object;
      expect(new PullClient(nothing)).toBeInstanceOf(PullClient);
    }
  });

  it("reads BX.message for what it was not told", async () => {
    const { env, BX, win } = page();
    BX.message({ USER_ID: "7", SITE_ID: "ru", pull_server_enabled: "Y" });
    const pull = new (createPullClient(shim(win), env, [text]))();
    pull.start();
    await env.settle();
    env.socket.accept();
    expect(pull.getDebugInfo().UserId).toBe("7");
    expect([...env.localStorage.items.keys()]).toContain("bx-pull-7-ru-bx-pull-config");
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

  it("in a callback of onState() leaves nothing to do, and is the last that is said", async () => {
    for (const at of ["connecting", "connected"]) {
      const { env, pull, statuses } = page();
      env.respond = portal(config());
      pull.onState(({ state }) => {
        if (state === at) pull.stop();
      });
      pull.start().catch(() => {});
      await env.settle();
      if (at === "connecting") expect([env.requests, statuses]).toEqual([[], []]);
      else env.socket.accept();
      await env.settle();
      expect(statuses).not.toContain("online");
      expect([env.timerCount, env.localStorage.length]).toEqual([0, 0]);
    }
  });

  it("by disconnect() in a handler is not undone by what is in the rest of the frame", async () => {
    const { env, BX, pull } = await connectedPage();
    BX.addCustomEvent("onPullEvent-m", () => pull.disconnect());
    env.socket.receive(frame("m", "a") + frame("pull", "config_expire"));
    await env.advance(10_000);
    expect(env.sockets).toHaveLength(1);
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

describe("destroy()", () => {
  const everything = ({ env }: TestPage) => [
    env.timerCount,
    env.listenerCount,
    env.sockets.filter((socket) => !socket.closedWith && socket.readyState < 2).length,
    env.localStorage.length + env.sessionStorage.length,
  ];

  it("leaves no timer, listener, socket or storage key, whatever the state", async () => {
    for (const state of ["idle", "loading", "connecting", "connected", "waiting", "refused", "hidden"]) {
      const made = page();
      const { env, pull, BX } = made;
      pull.enableLogging();
      pull.subscribe({ moduleId: "m", callback: () => {} });
      BX.addCustomEvent("onPullEvent-m", () => {});
      pull.extendWatch("TAG");
      if (state === "refused") env.respond = () => ({ status: 403, body: { error: "AUTHORIZE_ERROR" } });
      const started = state !== "idle" && pull.start().catch(() => {});
      if (state !== "loading") await env.settle();
      if (["connected", "waiting", "hidden"].includes(state)) {
        env.socket.accept();
        env.socket.receive(frame("m", "c"));
      }
      if (state === "waiting") env.socket.drop();
      if (state === "hidden") env.fire("pagehide");
      pull.destroy();
      await started;
      expect([state, ...everything(made)]).toEqual([state, 0, 0, 0, 0]);
      const before = env.requests.length;
      await env.advance(3_600_000);
      expect([state, env.requests.length, ...everything(made)]).toEqual([state, before, 0, 0, 0, 0]);
    }
  });

  it("is for good", async () => {
    const { env, pull } = await connectedPage();
    pull.destroy();
    pull.reconnect();
    pull.restart();
    for (const event of ["online", "pageshow", "visibilitychange"]) env.fire(event);
    await env.settle();
    expect(env.sockets).toHaveLength(1);
    await expect(pull.start()).rejects.toMatchObject({ code: "PULL_DESTROYED" });
    await expect(pull.sendMessage([1], "m", "c")).rejects.toMatchObject({ code: "VERSION_NEEDED" });
  });

  it("ends subscriptions", async () => {
    const { pull } = await connectedPage();
    const heard: unknown[] = [];
    pull.subscribe({ moduleId: "m", callback: (data) => heard.push(data) });
    pull.destroy();
    pull.emit({ moduleId: "m", data: { command: "c" } });
    expect(heard).toEqual([]);
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

describe("a status handler", () => {
  it.each(["stop", "disconnect"] as const)("may %s() the client that starts", async (end) => {
    const { env, pull, BX } = page();
    BX.addCustomEvent("onPullStatus", (status: string) => {
      if (status === "connect") pull[end]();
    });
    await expect(pull.start()).rejects.toMatchObject({ code: "PULL_STOPPED" });
    await env.advance(60_000);
    expect(env.sockets).toEqual([]);
  });

  it.each(["reconnect", "start"] as const)("may stop the client in the middle of %s()", async (method) => {
    const { env, pull, BX } = await connectedPage();
    BX.addCustomEvent("onPullStatus", (status: string) => {
      if (status === "connect") pull.stop();
    });
    if (method === "start") env.socket.drop();
    const started = pull[method]();
    if (method === "start") await expect(started).rejects.toMatchObject({ code: "PULL_STOPPED" });
    await env.advance(60_000);
    expect([env.sockets.length, env.timerCount, env.listenerCount]).toEqual([1, 0, 0]);
  });

  it("may start the client again when it hears that it is online, and waits for the new connection", async () => {
    const { env, pull, BX } = page();
    let again: Promise<true> | undefined;
    let isOnline = false;
    BX.addCustomEvent("onPullStatus", (status: string) => {
      if (status !== "online" || again) return;
      pull.stop();
      again = pull.start();
      again.then(() => {
        isOnline = true;
      });
    });
    pull.start();
    await env.settle();
    env.socket.accept();
    await env.settle();
    expect([env.sockets.length, isOnline]).toEqual([2, false]);
    env.socket.accept();
    expect(await again).toBe(true);
  });

  it("may start the client again when it hears that it is offline", async () => {
    for (const isOpen of [true, false]) {
      const { env, pull, BX } = page();
      let again: Promise<true> | undefined;
      BX.addCustomEvent("onPullStatus", (status: string) => {
        if (status === "offline") again ??= pull.start();
      });
      pull.start().catch(() => {});
      await env.settle();
      if (isOpen) env.socket.accept();
      pull.stop();
      await env.settle();
      env.socket.accept();
      expect(await again).toBe(true);
    }
  });

  it("that starts the client again at its stop has the configuration that is asked for then", async () => {
    const { env, pull, BX } = await connectedPage();
    BX.addCustomEvent("onPullStatus", (status: string) => {
      if (status === "offline") pull.start();
    });
    pull.stop();
    await env.settle();
    env.socket.accept();
    expect(pull.isConnected()).toBe(true);
    expect(pull.getServerVersion()).toBe(3);
    expect(pull.getDebugInfo()).not.toHaveProperty("Config error");
    await env.advance(60_000);
    expect(env.requests).toHaveLength(2);
  });

  it("hears of a page that stopped the client as it went into the back-forward cache, and came back", async () => {
    const { env, pull, statuses } = await connectedPage();
    env.fire("pagehide");
    pull.stop();
    statuses.length = 0;
    env.fire("pageshow");
    pull.start();
    await env.settle();
    env.socket.accept();
    expect(statuses).toEqual(["connect", "online"]);
  });
});

it("a handler of onPullError may start again, and nothing else goes on", async () => {
  const { env, pull, BX } = page();
  env.respond = () => ({ status: 403, body: { error: "AUTHORIZE_ERROR", error_description: "nobody" } });
  const codes: string[] = [];
  const start = () => pull.start().catch(({ code }: { code: string }) => codes.push(code));
  BX.addCustomEvent("onPullError", () => {
    if (env.requests.length < 2) start();
  });
  start();
  await env.advance(120_000);
  expect([codes, env.requests.length]).toEqual([["AUTHORIZE_ERROR", "AUTHORIZE_ERROR"], 2]);
  expect(env.timerCount + env.listenerCount).toBe(0);
});
