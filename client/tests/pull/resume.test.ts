import { describe, expect, it } from "vitest";
import type { PullOptions } from "../../src/pull/options";
import type { Gap } from "../../src/pull/session";
import { FakeEnv } from "../support/fake-env";
import {
  connectedPage,
  frame,
  newerConfig,
  nextMid,
  page,
  pendingReload,
  pollingPage,
  portal,
  telling,
  verdict,
} from "../support/page";

/** A page on an open socket to a server that says first whether its history covers a position. */
async function judgedPage(options: PullOptions = {}, env = new FakeEnv()) {
  env.respond = portal(telling());
  const made = page(options, env);
  made.pull.start().catch(() => {});
  await env.settle();
  env.socket.accept();
  const heard: string[] = [];
  const gaps: Gap[] = [];
  made.BX.addCustomEvent("onPullEvent", (_: string, command: string) => heard.push(command));
  made.BX.addCustomEvent("onPullGap", (gap: Gap) => gaps.push(gap));
  return { ...made, heard, gaps };
}

type Judged = Awaited<ReturnType<typeof judgedPage>>;

/** The connection is lost, and there is another. */
async function reconnect({ env }: Pick<Judged, "env">): Promise<void> {
  env.socket.drop();
  const { length } = env.sockets;
  await env.until(() => env.sockets.length > length);
  env.socket.accept();
}

const resumeOf = ({ pull }: Pick<Judged, "pull">): string => {
  let resume = "";
  pull.onState((state) => {
    resume = state.resume;
  })();
  return resume;
};

describe("a server that can tell whether its history covers a position", () => {
  it("is asked to, and gives a position to resume from before the first event", async () => {
    const made = await judgedPage();
    expect(made.env.socket.query.get("verdict")).toBe("true");
    const position = nextMid();
    made.env.socket.receive(verdict(position, "0".repeat(26)));
    await reconnect(made);
    expect(made.env.socket.query.get("mid")).toBe(position);
    expect([made.heard, made.gaps]).toEqual([[], []]);
  });

  it("makes it known that nothing is missing", async () => {
    const made = await judgedPage();
    const [before, mid, now] = [nextMid(), nextMid(), nextMid()];
    expect(resumeOf(made)).toBe("fresh");
    made.env.socket.receive(frame("m", "c", {}, {}, mid));
    await reconnect(made);
    expect(made.pull.isConnected()).toBe(false);
    made.env.socket.receive(verdict(now, before));
    expect(resumeOf(made)).toBe("recovered");
    expect(made.gaps).toEqual([]);
  });

  it("makes it known once which events are missing, and what is kept of them arrives", async () => {
    const made = await judgedPage();
    const [mid, kept, through, now, later] = Array.from({ length: 5 }, nextMid) as [string, ...string[]];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    for (let times = 0; times < 3; times++) {
      await reconnect(made);
      made.env.socket.receive(verdict(now as string, through as string));
      expect(made.gaps).toEqual([{ after: mid, through }]);
    }
    expect(resumeOf(made)).toBe("recovered");
    made.env.socket.receive(frame("m", "kept", {}, {}, kept) + frame("m", "later", {}, {}, later));
    expect(made.heard).toEqual(["seen", "kept", "later"]);
  });

  it("tells of a second gap from the end of the first", async () => {
    const made = await judgedPage();
    const [mid, first, second, now] = Array.from({ length: 4 }, nextMid) as [string, string, string, string];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    for (const through of [first, second]) {
      await reconnect(made);
      made.env.socket.receive(verdict(now, through));
    }
    expect(made.gaps).toEqual([
      { after: mid, through: first },
      { after: first, through: second },
    ]);
  });

  it("that counts from an earlier mid again is followed, with a gap", async () => {
    const made = await judgedPage();
    const [position, early, mid] = [nextMid(), nextMid(), nextMid()];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    await reconnect(made);
    made.env.socket.receive(verdict(position, position, mid) + frame("m", "early", {}, {}, early));
    expect(made.gaps).toEqual([{ after: mid, through: position }]);
    expect(made.heard).toEqual(["seen", "early"]);
  });

  it("has not connected the page before it has said where it begins", async () => {
    const { env, pull } = await judgedPage();
    expect(pull.isConnected()).toBe(false);
    env.socket.drop();
    await env.until(() => env.sockets.length > 1);
    env.socket.accept();
    env.socket.receive(verdict(nextMid(), ""));
    expect(pull.isConnected()).toBe(true);
  });

  it("is not asked by another user for what the one before has missed", async () => {
    const made = await judgedPage({ userId: undefined } as unknown as PullOptions);
    made.env.socket.receive(verdict(nextMid(), ""));
    made.pull.stop();
    made.BX.message({ USER_ID: 2 });
    made.pull.start();
    await made.env.settle();
    expect(made.env.socket.query.get("mid")).toBeNull();
  });

  it("has its messages within a frame put in order", async () => {
    const made = await judgedPage();
    const [one, two] = [nextMid(), nextMid()];
    made.env.socket.receive(frame("m", "two", {}, {}, two) + frame("m", "one", {}, {}, one));
    expect(made.heard).toEqual(["one", "two"]);
  });

  it("is believed after a reload as well, and a gap is not told again", async () => {
    const made = await judgedPage();
    const [mid, through, now] = [nextMid(), nextMid(), nextMid()];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    await reconnect(made);
    made.env.socket.receive(verdict(now, through));
    made.env.fire("pagehide");
    const next = await judgedPage({}, new FakeEnv(made.env));
    expect(next.env.socket.query.get("mid")).toBe(mid);
    next.env.socket.receive(verdict(now, through));
    expect(next.gaps).toEqual([]);
  });
});

describe("polling a server that can tell whether its history covers a position", () => {
  it("asks until the answer has come, and says by its position that it has", async () => {
    const env = new FakeEnv();
    env.WebSocket = undefined;
    const { server, ...rest } = telling(newerConfig(4));
    env.respond = portal({ ...rest, server: { ...server, version: 3 } });
    page({}, env).pull.start();
    await env.settle();
    expect(env.poll.query.get("verdict")).toBe("true");
    const position = nextMid();
    env.poll.answer(verdict(position, ""));
    await env.until(() => env.polls.length > 1);
    expect([env.poll.query.get("verdict"), env.poll.query.get("mid")]).toEqual([position, position]);
    env.poll.fail();
    await env.until(() => env.polls.length > 2);
    expect(env.poll.query.get("verdict")).toBe("true");
  });
});

describe("onStateReload", () => {
  it("lets what waits for it come again when a handler stops the client meanwhile", async () => {
    const hook = pendingReload();
    const made = await judgedPage(hook);
    const [mid, through, now, a, b, c] = Array.from({ length: 6 }, nextMid) as [string, ...string[]];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    await reconnect(made);
    made.BX.addCustomEvent("onPullEvent-m", (command: string) => {
      if (command === "a") made.pull.stop();
    });
    made.env.socket.receive(verdict(now as string, through as string, mid));
    made.env.socket.receive(frame("m", "a", {}, {}, a) + frame("m", "b", {}, {}, b));
    made.env.socket.receive(frame("m", "c", {}, {}, c));
    hook.finish();
    await made.env.settle();
    expect(made.heard).toEqual(["seen", "a"]);
    made.pull.start();
    await made.env.settle();
    expect(made.env.socket.query.get("mid")).toBe(a);
  });

  it("runs once for a gap, and what comes meanwhile waits in order", async () => {
    const hook = pendingReload();
    const calls: unknown[] = [];
    const made = await judgedPage({
      onStateReload: (gap) => {
        calls.push(gap);
        return hook.onStateReload();
      },
    });
    const [mid, through, now, one, two] = Array.from({ length: 5 }, nextMid) as [
      string,
      string,
      string,
      string,
      string,
    ];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    await reconnect(made);
    made.env.socket.receive(verdict(now, through) + frame("m", "one", {}, {}, one));
    made.env.socket.receive(frame("m", "two", {}, {}, two));
    await made.env.settle();
    expect([calls, made.gaps.length, made.heard]).toEqual([[{ after: mid, through }], 1, ["seen"]]);
    expect(made.pull.getDebugInfo()["Last message"]).toBe(mid);
    hook.finish();
    await made.env.settle();
    expect(made.heard).toEqual(["seen", "one", "two"]);
    expect(made.pull.getDebugInfo()["Last message"]).toBe(two);
  });

  it("may be set later, and when it fails that is reported and the events go on", async () => {
    const made = await judgedPage({ onStateReload: () => expect.unreachable() });
    made.pull.onStateReload(() => {
      throw new Error("no state");
    });
    const [mid, through, now, one] = [nextMid(), nextMid(), nextMid(), nextMid()];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    await reconnect(made);
    made.env.socket.receive(verdict(now, through) + frame("m", "one", {}, {}, one));
    await made.env.settle();
    expect(made.heard).toEqual(["seen", "one"]);
    expect(made.env.printed.flat().join()).toContain("onStateReload failed");
  });

  it("loses nothing when the connection goes while it runs", async () => {
    const hook = pendingReload();
    const made = await judgedPage(hook);
    const [mid, through, now, one] = [nextMid(), nextMid(), nextMid(), nextMid()];
    made.env.socket.receive(frame("m", "seen", {}, {}, mid));
    await reconnect(made);
    made.env.socket.receive(verdict(now, through) + frame("m", "one", {}, {}, one));
    await reconnect(made);
    expect(made.env.socket.query.get("mid")).toBe(mid);
    made.env.socket.receive(verdict(now, through) + frame("m", "one", {}, {}, one));
    hook.finish();
    await made.env.settle();
    expect([made.heard, made.gaps.length]).toEqual([["seen", "one"], 1]);
  });
});

describe("a server that gives no verdict", () => {
  it("is not asked for one, and the client never says recovered", async () => {
    const made = await connectedPage();
    expect(made.env.socket.query.has("verdict")).toBe(false);
    made.env.socket.receive(frame("m", "c") + verdict(nextMid(), nextMid()));
    await reconnect(made);
    expect(resumeOf(made)).toBe("unknown");
  });

  it("is resumed from the time of the first connection while no event has come", async () => {
    const made = await connectedPage();
    expect(made.env.socket.query.has("mid")).toBe(false);
    await reconnect(made);
    const seconds = Date.parse("2026-11-22T10:00:00Z") / 1000 - 2;
    expect(made.env.socket.query.get("mid")).toBe(`${seconds}${"0".repeat(16)}`);
    expect(made.pull.getDebugInfo()["Last message"]).toBe("-");
  });

  it("may have a clock that is behind: its events count all the same", async () => {
    const made = await connectedPage();
    const heard: string[] = [];
    made.BX.addCustomEvent("onPullEvent", (_: string, command: string) => heard.push(command));
    made.env.socket.receive(frame("m", "c", {}, {}, "1".repeat(26)));
    await reconnect(made);
    expect([heard, made.env.socket.query.get("mid")]).toEqual([["c"], "1".repeat(26)]);
  });

  it("is polled without a made-up position once it has said that it knows none", async () => {
    const { env } = await pollingPage(newerConfig(4));
    env.poll.answer("");
    await env.until(() => env.polls.length > 1);
    expect(env.poll.query.has("mid")).toBe(false);
  });
});

describe("a message to publish during an outage", () => {
  const onSocket = async (options: PullOptions = {}) => {
    const env = new FakeEnv();
    env.respond = portal(newerConfig(5));
    return connectedPage(options, env);
  };

  it("waits for the connection and is sent once, as it was", async () => {
    const made = await onSocket();
    made.env.socket.drop();
    const params = { n: 1 };
    const answers = [made.pull.sendMessage([2], "m", "one", params), made.pull.sendMessage([2], "m", "two")];
    params.n = 2;
    await made.env.until(() => made.env.sockets.length > 1);
    made.env.socket.accept();
    await made.env.settle();
    const sent = made.env.socket.sent.map((text) => JSON.parse(text as string));
    expect(sent.map(({ params: { body } }) => [body.command, body.params])).toEqual([
      ["one", { n: 1 }],
      ["two", undefined],
    ]);
    for (const { id } of sent) made.env.socket.receive(JSON.stringify({ jsonrpc: "2.0", id, result: true }));
    expect(await Promise.all(answers)).toEqual([true, true]);
  });

  it("is sent before what the page sends once it hears that there is a connection", async () => {
    for (const how of ["start", "status", "state"]) {
      const env = new FakeEnv();
      env.respond = portal(newerConfig(5));
      const { BX, pull } = page({}, env);
      const send = (command: string) => void pull.sendMessage([2], "m", command).catch(() => {});
      const started = pull.start();
      if (how === "start") started.then(() => send("second"));
      BX.addCustomEvent(
        "onPullStatus",
        (status: string) => how + status === "statusonline" && send("second"),
      );
      pull.onState(({ state }) => void (how + state === "stateconnected" && send("second")));
      send("first");
      await env.settle();
      env.socket.accept();
      await env.settle();
      const sent = env.socket.sent.map((text) => JSON.parse(text as string).params.body.command);
      expect(sent, how).toEqual(["first", "second"]);
    }
  });

  it("waits before the first connection as well", async () => {
    const env = new FakeEnv();
    env.respond = portal(newerConfig(5));
    const made = page({}, env);
    made.pull.start();
    const answer = made.pull.sendMessage([2], "m", "c");
    await env.settle();
    env.socket.accept();
    await env.settle();
    env.socket.receive(JSON.stringify({ jsonrpc: "2.0", id: 1, result: true }));
    expect(await answer).toBe(true);
  });

  it("waits for ever if the page says so", async () => {
    const { env, pull } = await onSocket({ publishWait: Infinity });
    env.socket.drop();
    const answer = pull.sendMessage([2], "m", "c");
    await env.until(() => env.sockets.length > 1);
    env.socket.accept();
    await env.settle();
    env.socket.receive(JSON.stringify({ jsonrpc: "2.0", id: 1, result: true }));
    expect(await answer).toBe(true);
  });

  it("is refused at once when the page stopped or disconnected, or wants it so", async () => {
    for (const [options, end] of [
      [{}, "stop"],
      [{}, "disconnect"],
      [{ publishWait: 0 }, ""],
    ] as const) {
      const { env, pull } = await onSocket(options);
      if (end) pull[end]();
      else env.socket.drop();
      await expect(pull.sendMessage([2], "m", "c")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    }
  });

  it("is refused when the page stops while it waits", async () => {
    const { env, pull } = await onSocket();
    env.socket.drop();
    const answer = expect(pull.sendMessage([2], "m", "c")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    pull.stop();
    await answer;
    expect(env.timerCount).toBe(0);
  });
});
