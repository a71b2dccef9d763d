import { describe, expect, it } from "vitest";
import { createEmit } from "../../src/bx/emitter";
import { BaseEvent } from "../../src/bx/event";
import { createRegistry } from "../../src/bx/registry";
import { fakePage } from "./fake-win";

/** The event of a call without args. */
const args = () => new BaseEvent({ data: [], compatData: [] });

function setUp() {
  const page = fakePage();
  const log: string[] = [];
  const note = (text: string) => () => {
    log.push(text);
  };
  const registry = createRegistry(page.win);
  return { ...page, log, note, registry, emit: createEmit(page.win, registry) };
}

describe("a handler of an emitter", () => {
  it("gets an event object, also when it is invoked with args alone", () => {
    const { registry, win } = setUp();
    const calls: unknown[] = [];
    const note = (event: BaseEvent) => {
      calls.push([event.getType(), event.getData(), event.getTarget() === win]);
    };
    registry.add_(null, "a", note, "emitter");
    for (const listener of registry.find_("a")) listener.invoke_([1, 2]);
    expect(calls).toEqual([["a", [1, 2], true]]);
  });

  it("drops a once listener at its first call", () => {
    const { registry, note, log } = setUp();
    registry.add_(null, "a", note("1"), "once");
    const [listener] = registry.find_("a");
    listener?.invoke_([]);
    expect(listener?.active_).toBe(false);
    expect(registry.find_("a")).toEqual([]);
    expect(log).toEqual(["1"]);
  });
});

describe("emit", () => {
  it("calls global listeners, then those of the object, each in order of registration", () => {
    const { emit, registry, note, log } = setUp();
    const target = {};
    registry.add_(target, "a", note("object 1"));
    registry.add_(null, "a", note("global"));
    registry.add_(target, "a", note("object 2"));
    registry.add_({}, "a", note("other object"));
    emit(target, "a", args());
    expect(log).toEqual(["global", "object 1", "object 2"]);
  });

  it("goes on after a listener that throws, and reports it", () => {
    const { emit, registry, note, log, lines, errors } = setUp();
    const error = new Error("broken");
    registry.add_(null, "a", () => {
      throw error;
    });
    registry.add_(null, "a", note("2"));
    emit(null, "a", args());
    expect(log).toEqual(["2"]);
    expect(errors).toEqual([error]);
    expect(lines).toEqual([["[bxpull]", "handler of a threw", error]]);
  });

  it("takes an event object of an emitter", () => {
    const { emit, registry } = setUp();
    const seen: unknown[] = [];
    registry.add_(null, "a", (...args: unknown[]) => seen.push(args));
    const event = new BaseEvent({ data: 5, compatData: ["x", "y"] });
    emit(null, "a", event);
    emit(null, "a", event.setCompatData(null));
    expect(seen).toEqual([
      ["x", "y"],
      [5, event],
    ]);
  });
});
