import { describe, expect, it } from "vitest";
import { event, FakeBrowser, heardBy, info } from "../support/browser";
import { FakeEnv } from "../support/fake-env";
import {
  config,
  frame,
  newerConfig,
  nextMid,
  pendingReload,
  rpcFrame,
  telling,
  verdict,
} from "../support/page";
import { protobufFrame } from "../support/protobuf";

/** A configuration of another user. */
function another(digit: string) {
  const given = config();
  given.channels.private = { ...given.channels.private, id: digit.repeat(32), type: "private" };
  return given;
}

describe("tabs that share a worker", () => {
  it.each([
    ["text", config(), (n: number) => frame("m", "c", { n })],
    ["protobuf", newerConfig(4), (n: number) => protobufFrame("m", "c", { n }, { mid: nextMid() })],
    ["JSON-RPC", newerConfig(5), (n: number) => rpcFrame("m", "c", { n })],
  ])("have one socket, and each hears each event once: %s", async (_, given, make) => {
    const browser = new FakeBrowser();
    const tabs = await browser.connectedTabs(5, given);
    for (let n = 1; n <= 20; n++) browser.socket.receive(make(n));
    await browser.settle();
    expect(browser.worker.sockets).toHaveLength(1);
    expect(heardBy(browser)).toEqual(tabs.map(() => Array.from({ length: 20 }, (_, index) => index + 1)));
    expect(tabs.map(({ statuses }) => statuses)).toEqual(tabs.map(() => ["connect", "online"]));
    expect(tabs.map(({ pull }) => info(pull))).toEqual(tabs.map(() => "Y"));
    expect(tabs.flatMap(({ env }) => env.sockets)).toEqual([]);
  });

  it("ask for the worker by an address relative to the bundle's", async () => {
    const browser = new FakeBrowser();
    await browser.connectedTabs(1);
    expect(browser.asked).toEqual(["https://site.example/static/worker.js bxpull"]);
  });

  it("hear nothing of other users", async () => {
    const browser = new FakeBrowser();
    for (const digit of ["1", "2"]) {
      browser.tab(another(digit)).pull.start();
      await browser.settle();
      browser.socket.accept();
    }
    expect(browser.sockets).toHaveLength(2);
    for (const [index, socket] of browser.sockets.entries()) socket.receive(event(index));
    await browser.settle();
    expect(heardBy(browser)).toEqual([[0], [1]]);
  });

  it("begin with what is sent from then on", async () => {
    const browser = new FakeBrowser();
    await browser.connectedTabs(1);
    browser.socket.receive(event(1));
    await browser.connectedTabs(1);
    browser.socket.receive(event(2));
    await browser.settle();
    expect(heardBy(browser)).toEqual([[1, 2], [2]]);
  });

  it("learn from each other where they are, should the worker be gone before an event came", async () => {
    const browser = new FakeBrowser();
    await browser.connectedTabs(1);
    const mid = nextMid();
    browser.socket.receive(event(1, mid));
    const [second] = await browser.connectedTabs(1);
    browser.crash(true);
    await browser.advance(5000);
    expect(second?.env.socket.query.get("mid")).toBe(mid);
  });

  it("are let in though none of the others answers, as frozen ones", async () => {
    const browser = new FakeBrowser();
    await browser.connectedTabs(1);
    const mid = nextMid();
    browser.socket.receive(event(1, mid));
    await browser.settle();
    browser.deafen(0);
    const second = browser.tab();
    second.pull.start();
    await browser.advance(4000);
    expect(second.pull.isConnected()).toBe(false);
    await browser.advance(1000);
    expect(second.pull.isConnected()).toBe(true);
    browser.crash(true);
    await browser.advance(5000);
    expect(second.env.socket.query.get("mid")).toBe(mid);
    expect(second.heard).toEqual([]);
  });

  it("are let in though the only other one stops before it answers", async () => {
    const browser = new FakeBrowser();
    const [first] = await browser.connectedTabs(1);
    browser.deafen(0);
    const second = browser.tab();
    second.pull.start();
    await browser.settle();
    first?.pull.stop();
    await browser.settle();
    browser.socket.accept();
    await browser.settle();
    expect(second.pull.isConnected()).toBe(true);
    expect(browser.sockets).toHaveLength(1);
  });

  it("begin anew if the socket is lost before another one has answered", async () => {
    const browser = new FakeBrowser();
    await browser.connectedTabs(1);
    browser.socket.receive(event(1));
    await browser.settle();
    browser.deafen(0);
    const second = browser.tab();
    second.pull.start();
    await browser.settle();
    browser.socket.drop();
    await browser.advance(5000);
    expect(browser.sockets.map(({ query }) => query.get("mid"))).toEqual([null]);
  });

  it("come back to one socket after a loss", async () => {
    const browser = new FakeBrowser();
    const tabs = await browser.connectedTabs(5);
    const mid = nextMid();
    browser.socket.receive(event(1, mid));
    browser.socket.drop();
    await browser.advance(5000);
    expect(browser.sockets.map(({ query }) => query.get("mid"))).toEqual([mid]);
    browser.socket.accept();
    browser.socket.receive(event(2));
    browser.socket.receive(event(3));
    await browser.advance(500);
    expect(tabs.every(({ pull }) => pull.isConnected())).toBe(true);
    expect(browser.sockets).toHaveLength(1);
    expect(heardBy(browser)).toEqual(tabs.map(() => [1, 2, 3]));
  });

  it("stay connected when another one stops, and the socket is closed with the last", async () => {
    const browser = new FakeBrowser();
    const [first, second] = await browser.connectedTabs(2);
    first?.pull.stop();
    await browser.settle();
    browser.socket.receive(event(1));
    await browser.settle();
    expect([first?.pull.isConnected(), second?.pull.isConnected()]).toEqual([false, true]);
    expect(heardBy(browser)).toEqual([[], [1]]);
    second?.pull.stop(3004, "enough");
    await browser.settle();
    expect(browser.socket.closedWith).toEqual([3004, "enough"]);
    expect(browser.tabs.map(({ env }) => [env.timerCount, env.listenerCount])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("miss nothing while they are away, without another socket", async () => {
    const browser = new FakeBrowser();
    const [first] = await browser.connectedTabs(2);
    browser.socket.receive(event(1));
    await browser.settle();
    first?.pull.disconnect();
    await browser.settle();
    browser.socket.receive(event(2));
    first?.pull.connect();
    browser.socket.receive(event(3));
    await browser.settle();
    expect(heardBy(browser)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(browser.worker.sockets).toHaveLength(1);
  });

  it("get what is no longer at hand by a socket that takes the place of the first, and the others miss nothing", async () => {
    const browser = new FakeBrowser();
    const [first, second] = await browser.connectedTabs(2);
    const mid = nextMid();
    browser.socket.receive(event(0, mid));
    await browser.settle();
    first?.pull.disconnect();
    await browser.settle();
    const frames = Array.from({ length: 1002 }, (_, index) => event(index + 1));
    const [old] = browser.sockets;
    for (const one of frames.slice(0, 1001)) old?.receive(one);
    await browser.settle();
    first?.pull.connect();
    await browser.settle();
    expect(browser.socket.query.get("mid")).toBe(mid);
    old?.receive(frames[1001] as string);
    browser.socket.accept();
    for (const one of frames) browser.socket.receive(one);
    await browser.settle();
    const all = Array.from({ length: 1003 }, (_, index) => index);
    expect(heardBy(browser)).toEqual([all, all]);
    expect(browser.sockets).toHaveLength(1);
    expect(second?.statuses).toEqual(["connect", "online"]);
  });

  it("go on after a reload where they were, without another socket", async () => {
    const browser = new FakeBrowser();
    const [first] = await browser.connectedTabs(2);
    browser.socket.receive(event(1));
    await browser.settle();
    first?.env.fire("pagehide");
    await browser.settle();
    browser.socket.receive(event(2));
    const next = browser.tab(config(), {}, new FakeEnv(first?.env));
    next.pull.start();
    await browser.settle();
    browser.socket.receive(event(3));
    await browser.settle();
    expect(heardBy(browser)).toEqual([[1], [1, 2, 3], [2, 3]]);
    expect(browser.worker.sockets).toHaveLength(1);
  });

  it("come back from the back/forward cache to where they were, though no event had come", async () => {
    const browser = new FakeBrowser();
    const [first] = await browser.connectedTabs(2);
    first?.env.fire("pagehide");
    await browser.settle();
    browser.socket.receive(event(1));
    await browser.settle();
    first?.env.fire("pageshow");
    await browser.settle();
    browser.socket.receive(event(2));
    await browser.settle();
    expect(heardBy(browser)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(browser.worker.sockets).toHaveLength(1);
  });

  it("hear again what waited for onStateReload when they left", async () => {
    const browser = new FakeBrowser();
    const given = telling();
    const hook = pendingReload();
    const tabs = [browser.tab(given, hook), browser.tab(given)];
    for (const { pull } of tabs) pull.start();
    await browser.settle();
    browser.socket.accept();
    browser.socket.receive(verdict(nextMid(), "0".repeat(26)));
    browser.socket.receive(event(0));
    await browser.settle();
    browser.socket.drop();
    await browser.advance(5000);
    browser.socket.accept();
    browser.socket.receive(verdict(nextMid(), nextMid()));
    browser.socket.receive(event(1));
    await browser.settle();
    expect(heardBy(browser)).toEqual([[0], [0, 1]]);
    tabs[0]?.env.fire("pagehide");
    await browser.settle();
    tabs[0]?.env.fire("pageshow");
    await browser.settle();
    hook.finish();
    await browser.settle();
    if (browser.socket.readyState === 0) browser.socket.accept();
    await browser.settle();
    expect(heardBy(browser)).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("take no harm from a verdict that newer events have overtaken by the socket before", async () => {
    const browser = new FakeBrowser();
    const given = telling();
    const gaps: unknown[] = [];
    const [early] = [nextMid()];
    const first = browser.tab(given);
    first.BX.addCustomEvent("onPullGap", (gap: unknown) => gaps.push(gap));
    first.pull.start();
    await browser.settle();
    browser.socket.accept();
    browser.socket.receive(verdict(early, "0".repeat(26)));
    const [old] = browser.sockets;
    const mids = [nextMid(), nextMid(), nextMid()];
    old?.receive(event(0, mids[0]));
    await browser.settle();
    // Another tab needs older ones.
    const env = new FakeEnv();
    env.sessionStorage.setItem(
      "bx-pull-1-s1-bx-pull-session",
      JSON.stringify({ mid: early.replace(/^.{10}/, "1000000000"), at: browser.worker.time }),
    );
    browser.tab(given, {}, env).pull.start();
    await browser.settle();
    expect(browser.sockets).toHaveLength(2);
    old?.receive(event(1, mids[1]));
    browser.socket.accept();
    browser.socket.receive(verdict(mids[0] as string, "0".repeat(26)));
    for (const [n, mid] of mids.entries()) browser.socket.receive(event(n, mid));
    await browser.settle();
    expect([heardBy(browser), gaps]).toEqual([
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
      [],
    ]);
  });

  it("are told of a gap once, though a new one learns its place after that", async () => {
    const browser = new FakeBrowser();
    const [begun, through, now] = [nextMid(), nextMid(), nextMid()];
    const gaps: unknown[] = [];
    const [first, second] = [browser.tab(telling()), browser.tab(telling())];
    second.BX.addCustomEvent("onPullGap", (gap: unknown) => gaps.push(gap));
    first.pull.start();
    await browser.settle();
    browser.socket.accept();
    browser.socket.receive(verdict(begun, ""));
    await browser.settle();
    second.pull.start();
    await browser.settle();
    for (let times = 0; times < 3; times++) {
      browser.socket.drop();
      await browser.advance(6000);
      browser.socket.accept();
      browser.socket.receive(verdict(now, through, begun));
      await browser.advance(12_000);
    }
    expect(gaps).toEqual([{ after: begun, through }]);
  });

  it.each([
    ["a server that says it again", false],
    ["a socket that is lost", true],
  ])("are told nothing of what was lost before they came, in spite of %s", async (_, isLost) => {
    const browser = new FakeBrowser();
    const [begun, through, now] = [nextMid(), nextMid(), nextMid()];
    const gaps: unknown[][] = [[], []];
    const tabs = gaps.map((list) => {
      const tab = browser.tab(telling());
      tab.BX.addCustomEvent("onPullGap", (gap: unknown) => list.push(gap));
      return tab;
    });
    tabs[0]?.pull.start();
    await browser.settle();
    browser.socket.accept();
    browser.socket.receive(verdict(begun, ""));
    browser.socket.drop();
    await browser.advance(6000);
    browser.socket.accept();
    browser.socket.receive(verdict(now, through, begun));
    await browser.settle();
    tabs[1]?.pull.start();
    await browser.settle();
    if (isLost) browser.socket.drop();
    for (let times = 0; times < 3; times++) {
      await browser.advance(6000);
      for (const socket of browser.sockets) {
        if (socket.readyState === 0) socket.accept();
        socket.receive(verdict(now, through, begun));
        await browser.settle();
      }
    }
    expect(tabs.map(({ pull }) => pull.isConnected())).toEqual([true, true]);
    expect(gaps).toEqual([[{ after: begun, through }], []]);
  });

  it("are given nothing older than what they began with when another needs older events", async () => {
    const browser = new FakeBrowser();
    const given = telling();
    const first = browser.tab(given);
    first.pull.start();
    await browser.settle();
    browser.socket.accept();
    const mids = Array.from({ length: 6 }, nextMid) as [string, ...string[]];
    browser.socket.receive(verdict(mids[0], ""));
    for (const n of [1, 2, 3]) browser.socket.receive(event(n, mids[n]));
    await browser.connectedTabs(1, given);
    await browser.advance(6000);
    browser.socket.receive(event(4, mids[4]));
    await browser.settle();
    // It comes back from the first, without a place in this stream.
    const env = new FakeEnv();
    env.time = browser.worker.time;
    env.sessionStorage.setItem(
      "bx-pull-1-s1-bx-pull-session",
      JSON.stringify({ mid: mids[1], told: "", at: env.time }),
    );
    browser.tab(given, {}, env).pull.start();
    await browser.settle();
    browser.socket.accept();
    browser.socket.receive(
      verdict(mids[5] as string, "", mids[1]) + [2, 3, 4].map((n) => event(n, mids[n])).join(""),
    );
    await browser.settle();
    expect(heardBy(browser)).toEqual([[1, 2, 3, 4], [4], [2, 3, 4]]);
  });

  it("replace a silent socket by one that asks from where they began, be there no event yet", async () => {
    const browser = new FakeBrowser();
    await browser.connectedTabs(1);
    await browser.advance(69_000);
    expect(browser.worker.sockets).toHaveLength(2);
    expect(browser.socket.query.get("mid")).not.toBeNull();
  });

  it("replace a socket on which the server has fallen silent: JSON-RPC", async () => {
    const browser = new FakeBrowser();
    const tabs = await browser.connectedTabs(3, newerConfig(5));
    const [stuck] = browser.sockets;
    await browser.advance(21_000);
    expect(stuck?.closedWith?.[0]).toBe(3005);
    browser.socket.accept();
    await browser.settle();
    expect(browser.sockets).toHaveLength(1);
    expect(tabs.every(({ pull }) => pull.isConnected())).toBe(true);
  });

  it("replace a socket on which the server has fallen silent: text", async () => {
    const browser = new FakeBrowser();
    const tabs = await browser.connectedTabs(3);
    const mid = nextMid();
    browser.socket.receive(event(1, mid));
    const [silent] = browser.sockets;
    await browser.advance(61_000);
    expect(browser.socket.query.get("mid")).toBe(mid);
    browser.socket.accept();
    browser.socket.receive(event(2));
    await browser.settle();
    expect(silent?.closedWith).not.toBeNull();
    expect(browser.sockets).toHaveLength(1);
    expect(heardBy(browser)).toEqual(tabs.map(() => [1, 2]));
  });

  it("with an earlier position are not cut short by one with a later", async () => {
    const browser = new FakeBrowser();
    const [early, middle, late] = [nextMid(), nextMid(), nextMid()];
    const tabs = [early, late].map((mid) => {
      const env = new FakeEnv();
      env.sessionStorage.setItem(
        "bx-pull-1-s1-bx-pull-session",
        JSON.stringify({ mid, at: browser.worker.time }),
      );
      return browser.tab(config(), {}, env);
    });
    for (const { pull } of tabs) pull.start();
    await browser.settle();
    for (const socket of [...browser.sockets]) socket.accept();
    await browser.settle();
    expect(browser.socket.query.get("mid")).toBe(early);
    if (browser.socket.readyState === 0) browser.socket.accept();
    for (const [n, mid] of [middle, late, nextMid()].entries()) browser.socket.receive(event(n, mid));
    await browser.settle();
    expect(heardBy(browser)).toEqual([[0, 1, 2], [2]]);
    expect(browser.sockets).toHaveLength(1);
  });

  it("leave a socket behind that the server wants replaced", async () => {
    const browser = new FakeBrowser();
    const tabs = await browser.connectedTabs(3, newerConfig(5));
    const new_channel = { id: "d".repeat(32), type: "private" };
    browser.socket.receive(
      rpcFrame("pull", "channel_expire", {
        action: "reconnect",
        channel: { id: "a".repeat(32), type: "private" },
        new_channel,
      }),
    );
    await browser.settle();
    const fresh = browser.socket;
    expect(browser.worker.sockets[0]).not.toBe(fresh);
    fresh.accept();
    fresh.receive(rpcFrame("m", "c", { n: 1 }));
    await browser.settle();
    expect(browser.sockets).toEqual([fresh]);
    expect(heardBy(browser)).toEqual(tabs.map(() => [1]));
  });

  it("which die without a word do not keep the socket open", async () => {
    const browser = new FakeBrowser();
    const [tab] = await browser.connectedTabs(1);
    // From now on its clock stands still.
    browser.tabs.length = 0;
    await browser.advance(300_000);
    expect(browser.sockets).toEqual([]);
    // It was only frozen.
    browser.tabs.push(tab as NonNullable<typeof tab>);
    await browser.advance(5000);
    browser.socket.accept();
    await browser.settle();
    expect(tab?.pull.isConnected()).toBe(true);
  });

  it("that browsers slow down, as hidden ones, stay", async () => {
    const browser = new FakeBrowser();
    const [tab] = await browser.connectedTabs(1);
    for (let minute = 0; minute < 10; minute++) {
      browser.tabs.length = 0;
      for (let half = 0; half < 2; half++) {
        browser.socket.receive(event(minute));
        await browser.advance(27_500);
      }
      browser.tabs.push(tab as NonNullable<typeof tab>);
      await browser.settle();
      await tab?.env.advance(5000);
    }
    expect(browser.worker.sockets).toHaveLength(1);
    expect(tab?.statuses).toEqual(["connect", "online"]);
  });
});

describe("upstream", () => {
  it("each of thousands of messages is acknowledged once, though tabs are a turn apart", async () => {
    const browser = new FakeBrowser();
    const tabs = await browser.connectedTabs(2, newerConfig(5));
    for (const tab of tabs) tab.BX.addCustomEvent("onPullEvent-m", () => (tab.env.time += 1));
    const mids = Array.from({ length: 3000 }, nextMid);
    browser.socket.receive(`[${mids.map((mid) => rpcFrame("m", "c", {}, { mid }))}]`);
    await browser.advance(10_000);
    expect(tabs.map(({ heard }) => heard.length)).toEqual([3000, 3000]);
    const sent = browser.socket.sent.filter((data) => String(data).startsWith("mack:"));
    expect(sent).toEqual(mids.map((mid) => `mack:${mid}`));
  });

  it("one pong goes out for a ping, and one acknowledgement for a message", async () => {
    const browser = new FakeBrowser();
    await browser.connectedTabs(3, newerConfig(5));
    const mid = nextMid();
    for (let turn = 0; turn < 2; turn++) {
      browser.socket.receive("ping");
      browser.socket.receive(rpcFrame("m", "c", {}, { mid }));
      await browser.settle();
    }
    expect(browser.socket.sent).toEqual(["pong", `mack:${mid}`, "pong"]);
  });

  it("each tab gets the answer to its own request", async () => {
    const browser = new FakeBrowser();
    const tabs = await browser.connectedTabs(0);
    for (const [index, random] of [0.25, 0.75].entries()) {
      const env = new FakeEnv();
      env.randomValue = random;
      const tab = browser.tab(newerConfig(5), {}, env);
      tab.pull.start();
      await browser.settle();
      if (!index) browser.socket.accept();
      tabs.push(tab);
    }
    await browser.settle();
    const answers = tabs.map(({ pull }) => pull.listChannels());
    await browser.settle();
    const ids = browser.socket.sent.map((sent) => JSON.parse(sent as string).id);
    for (const [index, id] of [...ids.entries()].reverse()) {
      browser.socket.receive(JSON.stringify({ jsonrpc: "2.0", id, result: index }));
    }
    await browser.settle();
    expect(await Promise.all(answers)).toEqual([0, 1]);
    expect(browser.tabs.flatMap(({ env }) => env.printed)).toEqual([]);
  });

  it("a tab that wants to hear no more of a user does not end it for the others", async () => {
    const browser = new FakeBrowser();
    const [first, second] = await browser.connectedTabs(2, newerConfig(5));
    const methods = () => browser.socket.sent.map((sent) => JSON.parse(sent as string).method);
    const callback = () => {};
    first?.pull.subscribeUserStatusChange(2, callback).catch(() => {});
    second?.pull.subscribeUserStatusChange(2, callback).catch(() => {});
    await browser.settle();
    first?.pull.unsubscribeUserStatusChange(2, callback).catch(() => {});
    await browser.settle();
    expect(methods().slice(2)).toEqual(["unsubscribeStatusChange", "subscribeStatusChange"]);
  });
});
