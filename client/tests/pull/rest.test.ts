import { describe, expect, it } from "vitest";
import type { RestClient, RestReply } from "../../src/pull/options";
import { config, connectedPage, page } from "../support/page";

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

  it.each([
    ["a signed-in user", {}, "sessid=old&CACHE=N", "sessid=new&CACHE=N"],
    ["a guest", { guestUserId: -1 }, "pull_guest_id=-1&CACHE=N", "pull_guest_id=-1&sessid=new&CACHE=N"],
  ])("is asked once more with the session id it names, by %s", async (_, options, first, second) => {
    const { env, pull, BX } = page(options);
    BX.message({ bitrix_sessid: "old" });
    env.respond = ({ body }) =>
      body.includes("sessid=new")
        ? { body: { result: config() } }
        : { status: 401, body: { error: "session_failed", sessid: "new" } };
    pull.start();
    await env.settle();
    expect(env.requests.map(({ body }) => body)).toEqual([first, second]);
    expect(env.sockets).toHaveLength(1);
  });

  it.each([
    "https://user:SECRET@portal.example/rest/?auth=SECRET",
    "http://[/rest/?auth=SECRET",
    "//[/rest/1/SECRET/",
  ])("is not shown in a log or an error when requests cannot be made of its address: %s", async (restUrl) => {
    const { env, pull } = page({ restUrl });
    env.fetch = async (url) => {
      throw new TypeError(`Window.fetch: ${url} is an url with embedded credentials.`);
    };
    pull.enableLogging();
    pull.start();
    await env.until(() => env.printed.length > 2);
    expect(JSON.stringify(env.printed)).toMatch(/no answer: Window\.fetch: .* is an url with/);
    expect(JSON.stringify(env.printed)).not.toContain("SECRET");
  });

  it.each([408, 429, 500, 502, 503])("is asked again when it answers with status %i", async (status) => {
    const { env, pull } = page();
    env.respond = () => ({ status, body: "<html>" });
    pull.start();
    await env.until(() => env.requests.length > 2);
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
