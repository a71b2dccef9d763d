import { expect, it } from "vitest";
import { installConsole } from "../../src/console/install";
import { FakeEnv } from "../support/fake-env";

type Handler = (...args: unknown[]) => void;

/** A page with an event core and a client of its own, which copies nothing and lets errors through. */
function ownPage() {
  const env = new FakeEnv();
  const handlers = new Map<string, Set<Handler>>();
  const of = (name: string) => handlers.get(name) ?? handlers.set(name, new Set()).get(name) ?? new Set();
  const emitted: unknown[] = [];
  const BX = {
    addCustomEvent: (name: string, handler: Handler) => of(name).add(handler),
    removeCustomEvent: (name: string, handler: Handler) => of(name).delete(handler),
    onCustomEvent(_target: object, name: string, args: unknown[]) {
      for (const handler of of(name)) handler.apply(null, args);
    },
    PULL: { emit: (event: unknown) => emitted.push(event) },
    PullConsole: undefined as unknown as import("../../src/console/create").PullConsole,
  };
  Object.assign(env, { BX });
  installConsole(env as never);
  const listeners = () => [...handlers.values()].reduce((sum, { size }) => sum + size, 0);
  return { BX, env, emitted, listeners, console: BX.PullConsole };
}

it("captures and replays what a client of others tells its handlers", () => {
  const { BX, console, emitted } = ownPage();
  const heard: unknown[][] = [];
  BX.addCustomEvent("onPullEvent-im", (...args) => heard.push(args));
  console.start();
  const params = { id: 1 };
  BX.onCustomEvent({}, "onPullEvent", ["im", "message", params, { n: 1 }]);
  params.id = 2;
  console.step();
  expect(heard).toEqual([["message", { id: 1 }, { n: 1 }]]);
  expect(emitted).toEqual([
    { type: "server", moduleId: "im", data: { command: "message", params: { id: 1 }, extra: { n: 1 } } },
  ]);
});

it("gives each handler of a replay a copy of its own, where the core would not", () => {
  const { BX, console } = ownPage();
  const seen: unknown[] = [];
  BX.addCustomEvent("onPullEvent-im", (_command, params) => {
    (params as { id: number }).id = 2;
  });
  BX.addCustomEvent("onPullEvent", (_module, _command, params) => seen.push(params));
  console.load('{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "c", "params": {"id": 1}}');
  console.step();
  console.step({ from: 0 });
  expect(seen).toEqual([{ id: 1 }, { id: 1 }]);
});

it("has no listener before start() and after stop(), however often it is started", () => {
  const { console, listeners } = ownPage();
  expect(listeners()).toBe(0);
  console.start();
  const running = listeners();
  console.start();
  expect([running, listeners()]).toEqual([8, 8]);
  console.stop();
  expect(listeners()).toBe(0);
});

it("reports what a handler throws, and calls those of the other names", async () => {
  const { BX, console, emitted, env } = ownPage();
  BX.addCustomEvent("onPullEvent-im", () => {
    throw new Error("broken");
  });
  console.load('{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "c", "params": {}}');
  expect(console.step()?.command).toBe("c");
  await env.advance(0);
  expect(emitted).toHaveLength(1);
  expect(env.errors).toEqual([new Error("broken")]);
});
