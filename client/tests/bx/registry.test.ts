import { describe, expect, it } from "vitest";
import { delegate } from "../../src/bx/bind";
import { createRegistry } from "../../src/bx/registry";
import { fakePage } from "./fake-win";

function setUp() {
  const page = fakePage();
  const log: string[] = [];
  const note = (text: string) => () => {
    log.push(text);
  };
  return { ...page, log, note, registry: createRegistry(page.win) };
}

describe("find_", () => {
  it("is empty when nobody listens", () => {
    expect(setUp().registry.find_("a")).toEqual([]);
  });

  it("finds listeners in order of registration, by the name as it is name", () => {
    const { registry, note } = setUp();
    const [first, second] = [note("1"), note("2")];
    registry.add_(null, "a", first);
    registry.add_(null, "A", note("other"));
    registry.add_(null, "a", second);
    expect(registry.find_("a").map((listener) => listener.handler_)).toEqual([first, second]);
  });

  it("is a snapshot: removed listeners turn inactive, added ones are not in it", () => {
    const { registry, note } = setUp();
    const first = note("1");
    registry.add_(null, "a", first);
    const snapshot = registry.find_("a");
    registry.remove_(null, "a", first);
    registry.add_(null, "a", note("2"));
    expect(snapshot.map((listener) => listener.active_)).toEqual([false]);
  });

  it("leaves out the listeners of objects", () => {
    const { registry, note } = setUp();
    registry.add_({}, "a", note("object"));
    expect(registry.find_("a")).toEqual([]);
  });

  it("shows the function the page wrote, through delegate", () => {
    const { registry, note } = setUp();
    const written = note("1");
    registry.add_(null, "a", delegate(delegate(written, {}), {}));
    expect(registry.find_("a")[0]?.source_).toBe(written);
  });

  it("gives listeners that can be invoked with args alone, `this` being the window", () => {
    const { registry, win } = setUp();
    const calls: unknown[] = [];
    registry.add_(null, "a", function (this: unknown, ...args: unknown[]) {
      calls.push([this === win, ...args]);
    });
    for (const listener of registry.find_("a")) listener.invoke_([1, 2]);
    expect(calls).toEqual([[true, 1, 2]]);
  });

  it("lets an invoked listener throw", () => {
    const { registry } = setUp();
    registry.add_(null, "a", () => {
      throw new Error("mine");
    });
    expect(() => registry.find_("a")[0]?.invoke_([])).toThrow("mine");
  });
});

describe("the registry, against a model of lists", () => {
  /** A small linear congruential generator: the same runs every time. */
  function random(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  it.each([1, 2, 3, 4, 5])("calls whom the model calls (seed %i)", (seed) => {
    const { registry, win } = setUp();
    const pick = random(seed);
    const targets = [null, win, {}, {}];
    const calls: number[] = [];
    const handlers = Array.from({ length: 4 }, (_, i) => () => calls.push(i));
    let model: { target: number; name: string; handler: number }[] = [];
    for (let step = 0; step < 2000; step++) {
      const target = pick(4) || 1;
      const name = ["a", "b"][pick(2)] as string;
      const handler = pick(4);
      const object = target === 1 ? (targets[pick(2)] as object | null) : (targets[target] as object);
      const same = (one: (typeof model)[number]) => one.target === target && one.name === name;
      const action = pick(20);
      if (action < 8) {
        registry.add_(object, name, handlers[handler] as () => number);
        if (!model.some((one) => same(one) && one.handler === handler)) model.push({ target, name, handler });
      } else if (action < 13) {
        registry.remove_(object, name, handlers[handler] as () => number);
        model = model.filter((one) => !same(one) || one.handler !== handler);
      } else if (action === 13) {
        registry.remove_(object, name);
        model = model.filter((one) => !same(one));
      } else if (action === 14) {
        registry.remove_(object);
        model = model.filter((one) => one.target !== target);
      } else {
        calls.length = 0;
        const heard = [...registry.find_(name), ...registry.find_(name, object)];
        for (const listener of new Set(heard)) listener.invoke_([]);
        const global = model.filter((one) => one.target === 1 && one.name === name);
        const expected = target === 1 ? global : [...global, ...model.filter(same)];
        expect(calls).toEqual(expected.map((one) => one.handler));
      }
    }
  });
});
