import { describe, expect, it } from "vitest";
import type { PullOptions } from "../../src/pull/options";
import { FakeBrowser } from "../support/browser";
import { FakeEnv } from "../support/fake-env";
import {
  connectedPage,
  frame,
  newerConfig,
  newerPage,
  nextMid,
  page,
  pollingPage,
  portal,
  rpcFrame,
  type TestPage,
  telling,
  verdict,
} from "../support/page";

const COUNT = 100;
/** What a handler takes. */
const WORK_MS = 5;
const NUMBERS = Array.from({ length: COUNT }, (_, n) => n);

/** Events 0 to 99 with their ids, each in a frame of its own. */
function burst(make: (n: number, mid: string) => string = (n, mid) => frame("m", "c", { n }, {}, mid)) {
  const mids = NUMBERS.map(nextMid);
  return { mids, frames: mids.map((mid, n) => make(n, mid)) };
}

/** What happens on the page: numbers of events, and "page" when it gets its turn. */
function watched({ BX, env }: TestPage, onEvent = (_n: number) => {}) {
  const seen: (number | "page")[] = [];
  BX.addCustomEvent("onPullEvent-m", (_: string, { n }: { n: number }) => {
    env.time += WORK_MS;
    seen.push(n);
    onEvent(n);
  });
  const turn = () => {
    seen.push("page");
    if (seen.length < COUNT * 3) env.setTimeout(turn);
  };
  env.setTimeout(turn);
  return seen;
}
const events = (seen: readonly unknown[]) => seen.filter((entry) => entry !== "page");
/** The longest row of events without a turn of the page. */
const longest = (seen: readonly unknown[]) =>
  Math.max(
    ...seen
      .join()
      .split("page")
      .map((row) => row.split(",").filter(Boolean).length),
  );

/** A page on an open socket; of a server that keeps the order, if it gives verdicts. */
async function burstPage(verdicts = false, options: PullOptions = {}): Promise<TestPage> {
  const env = new FakeEnv();
  if (!verdicts) return connectedPage(options, env);
  env.respond = portal(telling());
  const made = page(options, env);
  made.pull.start().catch(() => {});
  await env.settle();
  env.socket.accept();
  env.socket.receive(verdict(nextMid(), "0".repeat(26)));
  return made;
}

/** The server sends what follows the position that a new connection tells. */
function answer(env: FakeEnv, { mids, frames }: ReturnType<typeof burst>, verdicts: boolean): void {
  const asked = env.socket.query.get("mid") ?? "";
  env.socket.accept();
  if (verdicts) env.socket.receive(verdict(asked, "0".repeat(26), asked));
  for (const text of frames.slice(mids.indexOf(asked) + 1)) env.socket.receive(text);
}

const position = ({ pull }: TestPage) => pull.getDebugInfo()["Last message"];

describe.each([
  ["frames of one event", (frames: string[]) => frames],
  ["one frame", (frames: string[]) => [frames.join("")]],
])("a burst in %s", (_, together) => {
  it("leaves the page its turns, in order, and the position is that of the last one handled", async () => {
    const made = await burstPage();
    const { env } = made;
    const { mids, frames } = burst();
    const seen = watched(made, (n) => expect(position(made)).toBe(mids[n]));
    for (const text of together(frames)) env.socket.receive(text);
    expect(seen.length).toBeLessThan(COUNT);
    expect(position(made)).toBe(mids[seen.length - 1]);
    await env.until(() => events(seen).length >= COUNT);
    expect(events(seen)).toEqual(NUMBERS);
    expect(longest(seen)).toBeLessThanOrEqual(4);
  });

  it.each([false, true])(
    "goes on where it was when the connection is lost, verdicts: %s",
    async (verdicts) => {
      const made = await burstPage(verdicts);
      const { env } = made;
      const sent = burst();
      const seen = watched(made);
      for (const text of together(sent.frames)) env.socket.receive(text);
      expect(events(seen).length).toBeLessThan(COUNT);
      env.socket.drop();
      await env.until(() => env.sockets.length > 1);
      const handled = sent.mids.slice(0, events(seen).length);
      expect(handled).toContain(env.socket.query.get("mid"));
      if (verdicts) expect(env.socket.query.get("mid")).toBe(handled.at(-1));
      answer(env, sent, verdicts);
      await env.until(() => events(seen).length >= COUNT);
      await env.advance(1000);
      expect(events(seen)).toEqual(NUMBERS);
    },
  );

  it.each([
    ["reconnect", false, 2],
    ["reconnect", true, 2],
    ["reconnect", false, 50],
    ["reconnect", true, 50],
    ["stop", false, 50],
    ["stop", true, 50],
    ["disconnect", true, 50],
  ] as const)(
    "is heard once though a handler calls %s(), verdicts: %s, event %i",
    async (method, verdicts, at) => {
      const made = await burstPage(verdicts);
      const { env, pull } = made;
      const sent = burst();
      const seen = watched(made, (n) => {
        if (n !== at || env.sockets.length > 1) return;
        pull[method]();
        pull.connect().catch(() => {});
      });
      for (const text of together(sent.frames)) env.socket.receive(text);
      await env.until(() => env.sockets.length > 1);
      answer(env, sent, verdicts);
      await env.until(() => events(seen).length >= COUNT);
      await env.advance(1000);
      expect(events(seen)).toEqual(NUMBERS);
    },
  );

  it("ends with the client, and leaves no timer", async () => {
    const made = await burstPage();
    const { env, pull } = made;
    const heard: number[] = [];
    made.BX.addCustomEvent("onPullEvent-m", (_: string, { n }: { n: number }) => {
      env.time += WORK_MS;
      heard.push(n);
    });
    for (const text of together(burst().frames)) env.socket.receive(text);
    pull.stop();
    expect(env.timerCount).toBe(0);
    const { length } = heard;
    await env.advance(1000);
    expect(heard.length).toBe(length);
    // What comes after another start waits for nothing.
    pull.start();
    await env.settle();
    env.socket.accept();
    env.time += 100;
    env.socket.receive(frame("m", "c", { n: -1 }));
    expect(heard.at(-1)).toBe(-1);
  });
});

describe("events that come at once", () => {
  it("are handled with their frame while they take less than the limit", async () => {
    const made = await burstPage();
    const seen = watched(made);
    made.env.socket.receive(burst().frames.slice(0, 4).join(""));
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it.each([
    ["a limit that is far", { maxTaskTime: Infinity }, true],
    ["a hidden page", {}, false],
  ])("are handled with their frame: %s", async (_, options, visible) => {
    const made = await burstPage(false, options);
    made.env.visible = visible;
    const seen = watched(made);
    made.env.socket.receive(burst().frames.join(""));
    expect(seen).toEqual(NUMBERS);
  });

  it("are confirmed later, in turns with the page, for more may be on its way", async () => {
    const env = new FakeEnv();
    env.respond = portal(newerConfig(5));
    const made = await connectedPage({}, env);
    const { mids, frames } = burst((n, mid) => rpcFrame("m", "c", { n }, { mid }));
    const confirmed = () => env.socket.sent.filter((text) => String(text).startsWith("mack:"));
    const seen = watched(made, () => expect(confirmed()).toEqual([]));
    env.socket.receive(`[${frames}]`);
    await env.until(() => events(seen).length >= COUNT);
    const send = env.socket.send.bind(env.socket);
    env.socket.send = (data) => {
      send(data);
      env.time += WORK_MS;
    };
    await env.until(() => confirmed().length > 0);
    expect(confirmed().length).toBeLessThan(COUNT);
    const next = nextMid();
    env.socket.receive(rpcFrame("m", "c", { n: COUNT }, { mid: next }));
    await env.until(() => confirmed().length > COUNT);
    expect(confirmed()).toEqual([...mids, next].map((mid) => `mack:${mid}`));
  });

  it("are confirmed in turns with the page whatever becomes of the clock, in order whatever is read at once", async () => {
    for (const count of [COUNT, 360, 720]) {
      const { env } = await newerPage(5);
      const mids = Array.from({ length: count }, nextMid);
      env.socket.receive(`[${mids.map((mid, n) => rpcFrame("m", "c", { n }, { mid }))}]`);
      await env.advance(500);
      env.putBack(3_600_000);
      let row = 0;
      let longestRow = 0;
      const send = env.socket.send.bind(env.socket);
      env.socket.send = (data) => {
        send(data);
        env.time += WORK_MS;
        longestRow = Math.max(longestRow, ++row);
      };
      const turn = () => {
        row = 0;
        if (env.socket.sent.length < count) env.setTimeout(turn, 1);
      };
      env.setTimeout(turn);
      await env.advance(10_000);
      expect(env.socket.sent).toEqual(mids.map((mid) => `mack:${mid}`));
      expect(longestRow).toBeLessThanOrEqual(4);
    }
  });

  it.each([
    ["short", ""],
    ["long", "x".repeat(2000)],
  ])("are confirmed one by one if they are few: %s ones", async (_, x) => {
    const env = new FakeEnv();
    env.respond = portal(newerConfig(5));
    const made = await connectedPage({}, env);
    const few = burst((n, mid) => rpcFrame("m", "c", { n, x }, { mid })).frames.slice(1);
    const seen = watched(made, (n) => expect(env.socket.sent).toHaveLength(n - 1));
    env.socket.receive(`[${few}]`);
    await env.until(() => events(seen).length >= few.length);
    expect(env.socket.sent).toHaveLength(few.length);
  });

  it.each([
    [
      "are confirmed to the next connection if theirs is lost and replaced meanwhile",
      (made: TestPage) => made.env.socket.drop(1006),
      COUNT,
    ],
    ["are not confirmed after a stop", ({ pull }: TestPage) => pull.stop(), 0],
  ])("%s", async (_, end, count) => {
    const env = new FakeEnv();
    env.respond = portal(newerConfig(5));
    const made = await connectedPage({}, env);
    const { frames } = burst((n, mid) => rpcFrame("m", "c", { n }, { mid }));
    const seen = watched(made);
    env.socket.receive(`[${frames}]`);
    await env.until(() => events(seen).length >= COUNT);
    end(made);
    made.pull.connect();
    await env.settle();
    env.socket.accept();
    await env.advance(5000);
    expect(env.sockets).toHaveLength(2);
    expect(env.sockets.map(({ sent }) => sent.length)).toEqual([0, count]);
  });

  it("are polled for again once all have been handled", async () => {
    const given = newerConfig(4);
    given.server.version = 3;
    const made = await pollingPage(given);
    const { env } = made;
    const { mids, frames } = burst();
    const seen = watched(made, () => expect(env.polls).toHaveLength(1));
    env.poll.answer(frames.join(""));
    await env.until(() => env.polls.length > 1);
    expect(events(seen)).toEqual(NUMBERS);
    expect(env.poll.query.get("mid")).toBe(mids.at(-1));
  });

  it("are behind a tab that comes meanwhile and shares the connection", async () => {
    const browser = new FakeBrowser();
    const [first] = await browser.connectedTabs(1);
    if (!first) throw new Error("no tab");
    first.BX.addCustomEvent("onPullEvent-m", () => {
      first.env.time += WORK_MS;
    });
    const { mids, frames } = burst();
    for (const text of frames) browser.socket.receive(text);
    await browser.settle();
    expect(first.heard.length).toBeLessThan(COUNT);
    const second = browser.tab();
    second.pull.start();
    await browser.advance(20_000);
    expect([first.heard, second.heard]).toEqual([NUMBERS, []]);
    expect(position(second)).toBe(mids.at(-1));
  });
});

describe.each([
  ["text", 3, (frames: string[]) => frames.join("")],
  ["JSON-RPC", 5, (frames: string[]) => `[${frames}]`],
] as const)("a %s frame that takes long to read", (_, version, together) => {
  const PAD = "x".repeat(3000);
  /** A page whose clock goes on while it works, and a frame of events. */
  async function longFrame(verdicts = false) {
    const env = new FakeEnv();
    const given = newerConfig(version === 3 ? 4 : 5);
    given.server.version = version;
    env.respond = portal(verdicts ? telling(given) : given);
    const made = page({}, env);
    made.pull.start().catch(() => {});
    await env.settle();
    env.socket.accept();
    const told = { asked: "", position: nextMid(), through: "0".repeat(26) };
    if (verdicts)
      env.socket.receive(
        version === 3
          ? verdict(told.position, told.through)
          : rpcFrame("pull", "resume", told, { mid: "", extra: {} }),
      );
    const sent = burst((n, mid) =>
      version === 3
        ? frame("m", "c", { n, PAD }, {}, mid)
        : rpcFrame("m", "c", { n, PAD }, { mid, extra: {} }),
    );
    const seen = watched(made);
    env.Date.now = () => {
      env.time += 5;
      return env.time;
    };
    return { made, env, sent, seen };
  }

  it.each([false, true])("leaves the page its turns meanwhile, verdicts: %s", async (verdicts) => {
    const { made, env, sent, seen } = await longFrame(verdicts);
    const { frames } = sent;
    // Those of a server that keeps an order come in any within a frame.
    env.socket.receive(together(verdicts ? [...frames].reverse() : frames));
    if (verdicts) {
      expect(seen).toEqual([]);
      await env.until(() => events(seen).length > 0);
      expect(seen[0]).toBe("page");
    } else {
      // Its messages are of no concern to each other: the first are heard before the rest is read.
      expect(seen[0]).toBe(0);
      expect(events(seen).length).toBeLessThan(COUNT);
    }
    await env.until(() => events(seen).length >= COUNT);
    expect(seen).toContain("page");
    expect(longest(seen)).toBeLessThanOrEqual(4);
    expect(events(seen)).toEqual(NUMBERS);
    expect(position(made)).toBe(sent.mids.at(-1));
  });

  it("is before what comes after it", async () => {
    const { env, sent, seen } = await longFrame();
    const last = (n: number) =>
      version === 3 ? frame("m", "c", { n }) : rpcFrame("m", "c", { n }, { extra: {} });
    env.socket.receive(together(sent.frames));
    env.socket.receive(last(COUNT));
    await env.until(() => events(seen).length > COUNT);
    expect(events(seen)).toEqual([...NUMBERS, COUNT]);
  });

  it("comes again when the connection is lost meanwhile", async () => {
    const { env, sent, seen } = await longFrame();
    env.socket.receive(together(sent.frames));
    env.socket.drop();
    await env.until(() => env.sockets.length > 1 && events(seen).length >= COUNT);
    env.socket.accept();
    env.socket.receive(together(sent.frames));
    await env.advance(1000);
    expect(events(seen)).toEqual(NUMBERS);
  });

  it("ends with the client, and leaves no timer", async () => {
    const { made, env, sent } = await longFrame();
    const heard: unknown[] = [];
    made.BX.addCustomEvent("onPullEvent-m", (...args: unknown[]) => heard.push(args));
    env.socket.receive(together(sent.frames));
    made.pull.stop();
    const { length } = heard;
    expect(length).toBeLessThan(COUNT);
    await env.advance(10_000);
    expect(heard).toHaveLength(length);
  });
});
