import { describe, expect, it } from "vitest";
import type { FakeEnv } from "../support/fake-env";
import { FakeEnv as Env } from "../support/fake-env";
import {
  config,
  frame,
  newerConfig,
  nextMid,
  page,
  pollingPage,
  portal,
  rpcFrame,
  type TestPage,
  telling,
  verdict,
} from "../support/page";
import { protobufFrame } from "../support/protobuf";

/** A server of version 3 that is only polled. */
const textConfig = () => {
  const { server, ...rest } = config();
  return {
    ...rest,
    server: { ...server, websocket_enabled: false, long_polling: "http://push.example/bitrix/sub/" },
  };
};

function heardBy({ BX }: TestPage): string[] {
  const heard: string[] = [];
  BX.addCustomEvent("onPullEvent", (_: string, command: string) => heard.push(command));
  return heard;
}
const query = (env: FakeEnv) => env.poll.request.url.split("?")[1];
const CHANNELS = `CHANNEL_ID=${"a".repeat(32)}.${"1".repeat(40)}%2F${"b".repeat(32)}.${"2".repeat(40)}`;

describe("long polling", () => {
  it("asks for the channels, and is online once the request has been out for 300 ms", async () => {
    const { env, pull, statuses } = page();
    env.respond = portal(textConfig());
    const started = pull.start();
    await env.settle();
    expect(query(env)).toBe(`${CHANNELS}&revision=19`);
    expect([env.poll.request.init.cache, env.poll.request.init.headers]).toEqual(["no-store", undefined]);
    await env.advance(299);
    expect(statuses).toEqual(["connect"]);
    await env.advance(1);
    expect(await started).toBe(true);
    expect(statuses).toEqual(["connect", "online"]);
    expect(env.sockets).toEqual([]);
    expect(pull.getDebugInfo()).toMatchObject({
      Connect: "Y",
      "WebSocket connected": "N",
      "WebSocket mode": "-",
      "Try connect": "N",
      Path: expect.stringMatching(
        /^http:\/\/push\.example\/bitrix\/sub\/\?CHANNEL_ID=#[0-9a-f]{8}\/#[0-9a-f]{8}&revision=19$/,
      ),
    });
  });

  it("is online as soon as there is an answer", async () => {
    const { env, pull, statuses } = page();
    env.respond = portal(textConfig());
    pull.start();
    await env.settle();
    env.poll.answer(frame("m", "c"));
    await env.settle();
    expect(statuses).toEqual(["connect", "online"]);
  });

  it("is online no sooner than the answer of a server that says where the stream begins", async () => {
    const { env, statuses, pull } = page();
    env.respond = portal(telling(textConfig()));
    pull.start();
    await env.advance(10_000);
    expect(statuses).toEqual(["connect", "offline"]);
    env.poll.answer(verdict(nextMid(), ""));
    await env.settle();
    expect(statuses).toEqual(["connect", "offline", "online"]);
  });

  it("goes on from its position after an empty answer, where the server can tell", async () => {
    const { env, pull } = page();
    env.respond = portal(telling(textConfig()));
    pull.start();
    await env.settle();
    const position = nextMid();
    env.poll.answer(verdict(position, ""));
    await env.settle();
    const { length } = env.polls;
    env.poll.answer("", 200);
    await env.until(() => env.polls.length > length);
    expect(env.poll.query.get("mid")).toBe(position);
  });

  it("goes on at its pace when the page's clock is put back", async () => {
    const { env } = await pollingPage(textConfig());
    const { length } = env.polls;
    env.putBack(3_600_000);
    env.poll.answer("", 304, { "Last-Message-Id": nextMid() });
    await env.advance(1000);
    expect(env.polls.length).toBe(length + 1);
  });

  it("delivers an answer's messages and asks at once for what comes after them", async () => {
    const made = await pollingPage(textConfig());
    const heard = heardBy(made);
    const [first, mid] = [frame("m", "a"), nextMid()];
    made.env.poll.answer(first + frame("m", "b", {}, {}, mid));
    await made.env.settle();
    expect(heard).toEqual(["a", "b"]);
    expect(made.env.polls).toHaveLength(2);
    expect(query(made.env)).toBe(
      `${CHANNELS}&mid=${mid}&tag=001&time=Sun%2C+22+Nov+2026+10%3A00%3A00+GMT&revision=19`,
    );
  });

  it("reads bytes from a server of version 4, and JSON-RPC from one of version 5, which gets no acknowledgement", async () => {
    for (const version of [4, 5] as const) {
      const made = await pollingPage(newerConfig(version));
      const heard = heardBy(made);
      expect(query(made.env)).toMatch(version === 4 ? /binaryMode=true/ : /^token=.*jsonRpc=true/);
      const mid = nextMid();
      made.env.poll.answer(
        version === 4 ? protobufFrame("m", "c", {}, { mid }) : `[${rpcFrame("m", "c", {}, { mid })}]`,
      );
      await made.env.settle();
      expect(heard).toEqual(["c"]);
      expect(made.env.poll.query.get("mid")).toBe(mid);
      await made.env.advance(30_000);
      expect(made.env.polls).toHaveLength(2);
    }
  });

  it("takes the server's position from an answer without news, unless it knows a newer one", async () => {
    const { env, pull } = await pollingPage(textConfig());
    const [first, older, newer] = [nextMid(), nextMid(), nextMid()];
    await env.advance(40_000);
    env.poll.answer("", 304, { "Last-Message-Id": first });
    await env.settle();
    expect(query(env)).toBe(`${CHANNELS}&mid=${first}&revision=19`);
    expect(pull.getDebugInfo()["Last message"]).toBe(first);
    env.poll.answer(frame("m", "c", {}, {}, newer));
    await env.advance(40_000);
    env.poll.answer("", 304, { "Last-Message-Id": older });
    await env.settle();
    expect(env.poll.query.get("mid")).toBe(newer);
    await env.advance(40_000);
    env.poll.answer("", 304, { "Last-Message-Id": "" });
    await env.settle();
    expect(env.poll.query.get("mid")).toBe(newer);
    await env.advance(40_000);
    env.poll.answer("", 304);
    await env.settle();
    expect(env.poll.query.get("mid")).toBe(newer);
  });

  it("forgets its position when the answer is empty", async () => {
    for (const version of [3, 4] as const) {
      const { env } = await pollingPage(version === 3 ? textConfig() : newerConfig(4));
      env.poll.answer(version === 3 ? frame("m", "c") : protobufFrame("m", "c", {}, { mid: nextMid() }));
      await env.advance(2000);
      expect(env.poll.query.has("mid")).toBe(true);
      env.poll.answer(version === 3 ? "" : new Uint8Array());
      await env.advance(1000);
      expect(env.poll.query.has("mid")).toBe(false);
    }
  });

  it("does not hurry a server whose answers are empty", async () => {
    const { env } = await pollingPage(textConfig());
    for (let turn = 0; turn < 5; turn++) {
      const [count, asked] = [env.polls.length, env.time];
      env.poll.answer("", turn % 2 ? 304 : 200);
      await env.until(() => env.polls.length > count);
      if (turn) expect(env.time - asked).toBe(1000);
    }
  });

  it("does not hurry a server that answers with what it has sent before", async () => {
    const { env } = await pollingPage(textConfig());
    const known = frame("m", "c");
    env.poll.answer(known);
    await env.settle();
    for (let turn = 0; turn < 5; turn++) {
      const [count, asked] = [env.polls.length, env.time];
      env.poll.answer(known);
      await env.until(() => env.polls.length > count);
      expect(env.time - asked).toBe(1000);
    }
  });

  it("hands over nothing of an answer once a handler has stopped the client for being online", async () => {
    const env = new Env();
    env.WebSocket = undefined;
    env.respond = portal(textConfig());
    const made = page({}, env);
    const heard = heardBy(made);
    made.BX.addCustomEvent("onPullStatus", (status: string) => {
      if (status === "online") made.pull.stop();
    });
    made.pull.start();
    await env.settle();
    env.poll.answer(frame("m", "c"));
    await env.advance(60_000);
    expect([heard, env.polls.length, env.timerCount]).toEqual([[], 1, 0]);
  });

  it("waits longer and longer when the answers cannot be read", async () => {
    const { env } = await pollingPage(textConfig());
    const started = env.time;
    for (let turn = 0; turn < 8; turn++) {
      const count = env.polls.length;
      env.poll.answer("<html>Sign in to this network</html>");
      await env.until(() => env.polls.length > count);
    }
    expect(env.time - started).toBeGreaterThan(30_000);
  });

  it("gives up a request after 60 seconds and asks again", async () => {
    const { env, statuses } = await pollingPage(textConfig());
    await env.advance(59_000);
    expect(env.polls).toHaveLength(1);
    await env.advance(700);
    expect(env.polls[0]?.aborted).toBe(true);
    await env.until(() => env.polls.length > 1);
    await env.advance(300);
    expect(statuses).toEqual(["connect", "online", "connect", "online"]);
  });

  it("comes back after an error, from where it was", async () => {
    const made = await pollingPage(textConfig());
    const heard = heardBy(made);
    const mid = nextMid();
    made.env.poll.answer(frame("m", "a", {}, {}, mid));
    await made.env.settle();
    for (const breaks of [() => made.env.poll.fail(), () => made.env.poll.answer("oops", 502)]) {
      const count = made.env.polls.length;
      breaks();
      await made.env.until(() => made.env.polls.length > count);
      expect(made.env.poll.query.get("mid")).toBe(mid);
      made.env.poll.answer(frame("m", "a", {}, {}, mid));
      await made.env.until(() => made.env.polls.length > count + 1);
    }
    expect(heard).toEqual(["a"]);
  });

  it("loads the configuration again when it is refused with 403", async () => {
    const { env } = await pollingPage(textConfig());
    env.poll.answer("wrong signature", 403);
    await env.until(() => env.polls.length > 1);
    expect(env.requests.at(-1)?.url).toContain("logTag=4010_wrong_channel_id");
  });

  it("loads the configuration again when the very first request is refused with 403", async () => {
    const { env, pull } = page();
    env.respond = portal(textConfig());
    pull.start();
    await env.settle();
    env.poll.answer("wrong signature", 403);
    await env.until(() => env.polls.length > 1);
    expect(env.requests).toHaveLength(2);
  });

  it("loads it again for that reason, be it one that an earlier page left", async () => {
    const { env } = await pollingPage(textConfig());
    const next = new Env(env);
    const made = page({}, next);
    next.WebSocket = undefined;
    made.pull.start();
    await next.settle();
    expect(next.requests).toEqual([]);
    next.poll.answer("wrong signature", 403);
    await next.until(() => next.polls.length > 1);
    expect(next.requests.map(({ url }) => url)).toEqual([
      "/rest/pull.config.get.json?logTag=4010_wrong_channel_id",
    ]);
  });

  it("leaves nothing behind when it stops, and hears no late answer", async () => {
    const made = await pollingPage(textConfig());
    const heard = heardBy(made);
    const { poll } = made.env;
    made.pull.stop();
    poll.answer(frame("m", "late"));
    await made.env.advance(100_000);
    expect([poll.aborted, heard, made.env.timerCount, made.env.listenerCount, made.env.polls.length]).toEqual(
      [true, [], 0, 0, 1],
    );
  });

  it("can be stopped by a handler in the middle of an answer", async () => {
    const made = await pollingPage(textConfig());
    made.BX.addCustomEvent("onPullEvent", () => made.pull.stop());
    made.env.poll.answer(frame("m", "a") + frame("m", "b"));
    await made.env.advance(100_000);
    expect([made.env.polls.length, made.env.timerCount]).toEqual([1, 0]);
  });

  it("uses the secure address on a secure page", async () => {
    const env = new Env();
    env.secure = true;
    await pollingPage(newerConfig(4), env);
    expect(env.poll.request.url).toMatch(/^https:\/\/push\.example\/bitrix\/sub\//);
  });

  it("obeys system commands as a socket does", async () => {
    const { env } = await pollingPage(textConfig());
    const [first] = env.polls;
    env.poll.answer(frame("pull", "config_expire"));
    await env.settle();
    expect(first?.aborted).toBe(true);
    expect(env.requests.at(-1)?.url).toContain("logTag=3003_config_expired_received");
    expect(env.polls).toHaveLength(2);
  });
});
