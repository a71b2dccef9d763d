import { expect, it } from "vitest";
import { frame } from "../support/page";
import { briefly, type ConsolePage, consolePage } from "./page";

const HANDLERS = [
  ...["onPullEvent", "onPull", "onPullClientEvent", "onPullClient"].flatMap((name) => [`${name}-im`, name]),
  "onPullOnlineEvent",
  "onPullOnline",
];

/** Notes every call of a handler of any kind. */
function listenAll({ BX, pull }: ConsolePage): unknown[][] {
  const calls: unknown[][] = [];
  for (const name of HANDLERS) BX.addCustomEvent(name, (...args: unknown[]) => calls.push([name, ...args]));
  for (const type of ["server", "client", "online"]) {
    pull.subscribe({ type, moduleId: "im", callback: (...args) => calls.push([type, ...args]) });
    pull.subscribe({
      type,
      moduleId: "im",
      command: "message",
      callback: (...args) => calls.push([type, "message", ...args]),
    });
  }
  return calls;
}

const PRESENCE = frame("online", "user_online", { n: 3 }, { server_time_unix: 1795341600 });

it.each(["both", "desktop", "mobile"] as const)(
  "hands events on as the client did, to the same handlers in the same order, events: %s",
  async (events) => {
    const page = await consolePage({ events });
    const calls = listenAll(page);
    page.console.start();
    page.env.socket.receive(frame("im", "message", { n: 1 }, { server_name: "x" }) + PRESENCE);
    page.env.socket.receive(frame("im", "other", [], {}));
    const before = calls.splice(0);
    expect(before.length).toBeGreaterThan(8);
    expect(await page.console.replay()).toBe(3);
    expect(calls).toEqual(before);
  },
);

it("does the same, step by step, with the file in another page", async () => {
  const first = await consolePage();
  const calls = listenAll(first);
  first.console.start();
  first.env.socket.receive(frame("im", "message", { n: 1 }) + PRESENCE);
  const second = await consolePage();
  const again = listenAll(second);
  second.console.load(first.console.export());
  expect(second.console.step()?.command).toBe("message");
  expect(second.console.step()?.command).toBe("user_online");
  expect(second.console.step()).toBeUndefined();
  expect(again).toEqual(calls);
  expect(second.console.step({ from: 1 })?.command).toBe("user_online");
});

it("calls the handlers of what pages have sent", async () => {
  const page = await consolePage();
  const calls = listenAll(page);
  page.console.load(
    '{"time": "2026-11-30T00:00:00Z", "kind": "client", "module": "IM", "command": "message", "params": {}}',
  );
  await page.console.replay();
  expect(calls.map(([name]) => name)).toEqual([
    "onPullClientEvent-im",
    "onPullClientEvent",
    "onPullClient-im",
    "onPullClient",
    "client",
    "client",
  ]);
});

it("captures no replayed event again", async () => {
  const { console, env } = await consolePage();
  console.start();
  env.socket.receive(frame("im", "message", { n: 1 }));
  await console.replay();
  env.socket.receive(frame("im", "message", { n: 2 }));
  expect(briefly(console)).toEqual(["im message 1", "im message 2"]);
});

it("leaves out system commands and news of the connection", async () => {
  const page = await consolePage();
  const calls = listenAll(page);
  page.console.start();
  page.BX.onCustomEvent("onPullStatus", ["offline"]);
  const line =
    '{"time": "2026-11-30T00:00:00Z", "module": "pull", "command": "channel_expire", "params": {}}';
  expect(await page.console.replay()).toBe(0);
  page.console.load(`${line}\n${line.replace("pull", "Pull")}\n${line.replace("pull", "im")}`);
  expect(page.console.step()?.module).toBe("im");
  expect(calls.filter(([name]) => name === "onPullEvent")).toHaveLength(1);
});

it("replays a part, and step() goes on after it", async () => {
  const { console, BX } = await consolePage();
  const heard: number[] = [];
  BX.addCustomEvent("onPullEvent-im", (_: string, { n }: { n: number }) => heard.push(n));
  const line = (n: number) =>
    `{"time": "2026-11-30T00:00:0${n}Z", "module": "im", "command": "c", "params": {"n": ${n}}}`;
  console.load([0, 1, 2, 3, 4].map(line).join("\n"));
  expect(await console.replay({ from: 1, to: 3 })).toBe(2);
  console.step();
  expect(heard).toEqual([1, 2, 3]);
});

it("keeps the pauses, divided by the speed", async () => {
  const { console, BX, env } = await consolePage();
  const heard: number[] = [];
  const began = env.time;
  BX.addCustomEvent("onPullEvent-im", () => heard.push(env.time - began));
  const times = ["10:00:00.000", "10:00:01.000", "10:00:01.000", "10:00:00.500", "10:00:04.500"];
  console.load(
    times
      .map((time) => `{"time": "2026-11-30T${time}Z", "module": "im", "command": "c", "params": {}}`)
      .join("\n"),
  );
  const done = console.replay({ speed: 2 });
  await env.advance(5000);
  expect(await done).toBe(5);
  expect(heard).toEqual([0, 500, 500, 500, 2500]);
});

it("leaves the page its turn between events that take long", async () => {
  const { console, BX, env } = await consolePage();
  let heard = 0;
  BX.addCustomEvent("onPullEvent-im", () => {
    heard++;
    env.time += 10;
  });
  const line = '{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "c", "params": {}}';
  console.load(Array(5).fill(line).join("\n"));
  const done = console.replay();
  expect(heard).toBe(2);
  await env.advance(100);
  expect([await done, heard]).toEqual([5, 5]);
});

it("stop() ends a replay, which says how far it came; step() goes on from there", async () => {
  const { console, BX, env } = await consolePage();
  const heard: number[] = [];
  BX.addCustomEvent("onPullEvent-im", (_: string, { n }: { n: number }) => heard.push(n));
  console.load(
    [0, 1, 2]
      .map(
        (n) => `{"time": "2026-11-30T00:00:0${n}Z", "module": "im", "command": "c", "params": {"n": ${n}}}`,
      )
      .join("\n"),
  );
  const timers = env.timerCount;
  const done = console.replay({ speed: 1 });
  await env.advance(1500);
  console.stop();
  expect(await done).toBe(2);
  expect(env.timerCount).toBe(timers);
  console.step();
  expect(heard).toEqual([0, 1, 2]);
});

it.each([
  ["stop", 2],
  ["clear", 2],
  ["load", 2],
] as const)("%s() by a handler ends a replay at once", async (how, handed) => {
  const { console, BX, env } = await consolePage();
  const heard: number[] = [];
  const line = (n: number) =>
    `{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "c", "params": {"n": ${n}}}`;
  BX.addCustomEvent("onPullEvent-im", (_: string, { n }: { n: number }) => {
    if (heard.push(n) === 2) console[how](line(9));
  });
  console.load([0, 1, 2, 3].map(line).join("\n"));
  expect(await console.replay()).toBe(handed);
  await env.advance(100);
  expect(heard).toEqual([0, 1]);
});

it("a replay that a handler begins takes the place of the one that called it", async () => {
  const { console, BX } = await consolePage();
  const heard: number[] = [];
  let inner: Promise<number> | undefined;
  BX.addCustomEvent("onPullEvent-im", (_: string, { n }: { n: number }) => {
    heard.push(n);
    if (n === 0) inner = console.replay({ from: 2 });
  });
  console.load(
    [0, 1, 2, 3]
      .map(
        (n) => `{"time": "2026-11-30T00:00:0${n}Z", "module": "im", "command": "c", "params": {"n": ${n}}}`,
      )
      .join("\n"),
  );
  expect(await console.replay()).toBe(1);
  expect(await inner).toBe(2);
  expect(heard).toEqual([0, 2, 3]);
});

it("captures no replayed event again whose handlers hand on another one", async () => {
  const { console, BX, env } = await consolePage();
  console.start();
  env.socket.receive(frame("im", "message", { n: 1 }));
  BX.addCustomEvent("onPullEvent-im", (command: string) => {
    if (command === "message") console.emit({ module: "im", command: "own", params: { n: 2 } });
  });
  await console.replay();
  expect(briefly(console)).toEqual(["im message 1", "im own 2"]);
});

it("reports what a handler throws where the page's own event core lets it through, and goes on", async () => {
  const { console, BX, env } = await consolePage();
  const heard: string[] = [];
  const own = BX.onCustomEvent;
  BX.onCustomEvent = (target: object, name: string, args: unknown[], secure: boolean) => {
    if (name === "onPullEvent-im") throw new Error("broken");
    own(target, name, args, secure);
  };
  BX.addCustomEvent("onPullEvent", (module: string) => heard.push(module));
  console.load('{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "c", "params": {}}');
  console.step();
  await env.advance(0);
  expect(heard).toEqual(["im"]);
  expect(env.errors).toEqual([new Error("broken")]);
});

it("emit() calls the handlers with an event of the page's own, which is marked, and moves no replay", async () => {
  const page = await consolePage();
  page.console.load('{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "first", "params": {}}');
  const calls = listenAll(page);
  page.console.emit({ module: "im", command: "message", params: { id: 1 } });
  expect(calls[0]).toEqual(["onPullEvent-im", "message", { id: 1 }, {}]);
  expect(calls).toHaveLength(6);
  expect(page.console.events()[1]).toMatchObject({ time: "2026-11-22T10:00:00.000Z", synthetic: true });
  expect(page.console.step()?.command).toBe("first");
  expect(() => page.console.emit({ module: "im" })).toThrow('no "command"; give a text such as "message"');
});

it("refuses a speed that is none", async () => {
  const { console } = await consolePage();
  expect(() => console.replay({ speed: 0 })).toThrow(
    "option speed: 0 is not above 0; give one like 1, or none",
  );
});
