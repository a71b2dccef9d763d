import { describe, expect, it, vi } from "vitest";
import { pageWithBx } from "./fake-win";

const CANNOT_USE = "BX events cannot use";

describe("BX.addCustomEvent and BX.onCustomEvent", () => {
  it("spreads the args, with `this` = the window for events of no object", () => {
    const { BX, win } = pageWithBx();
    const seen: unknown[] = [];
    BX.addCustomEvent("onPullEvent-main", function (command, params) {
      seen.push(this === win, command, params);
    });
    BX.onCustomEvent("onPullEvent-main", ["check", { a: 1 }]);
    expect(seen).toEqual([true, "check", { a: 1 }]);
  });

  it("compares names case-insensitively", () => {
    const { BX } = pageWithBx();
    const handler = vi.fn();
    BX.addCustomEvent("onPull-MAIN", handler);
    BX.onCustomEvent("ONPULL-main");
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it.each(["none", "window", "null", "undefined"])(
    "takes %s for the global target, which hears every object",
    (kind) => {
      const { BX, win } = pageWithBx();
      const target = {};
      const heard: unknown[] = [];
      const handler = function (this: unknown) {
        heard.push(this);
      };
      if (kind === "none") BX.addCustomEvent("e", handler);
      else BX.addCustomEvent({ window: win, null: null, undefined: undefined }[kind], "e", handler);
      BX.onCustomEvent(target, "e");
      BX.onCustomEvent(win, "e");
      BX.onCustomEvent(null, "e");
      BX.onCustomEvent("e");
      expect(heard).toEqual([target, win, win, win]);
      expect(heard[0]).toBe(target);
    },
  );

  it("lets a listener of an object hear that object only", () => {
    const { BX } = pageWithBx();
    const [target, handler] = [{}, vi.fn()];
    BX.addCustomEvent(target, "e", handler);
    BX.onCustomEvent("e");
    BX.onCustomEvent({}, "e");
    expect(handler).not.toHaveBeenCalled();
    BX.onCustomEvent(target, "e", [1]);
    expect(handler).toHaveBeenCalledExactlyOnceWith(1);
  });

  it("takes a function as the object", () => {
    const { BX } = pageWithBx();
    const [target, handler] = [() => 0, vi.fn()];
    BX.addCustomEvent(target, "e", handler);
    BX.onCustomEvent(target, "e");
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("counts the same function on one event as one listener", () => {
    const { BX } = pageWithBx();
    const handler = vi.fn();
    BX.addCustomEvent("e", handler);
    BX.addCustomEvent("E", handler);
    BX.Event.EventEmitter.subscribe("e", handler);
    BX.onCustomEvent("e");
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("gives every listener its own deep copy when secure", () => {
    const { BX } = pageWithBx();
    const params = { list: [1] };
    const seen: unknown[] = [];
    const spoil = (given: typeof params) => {
      seen.push(structuredClone(given));
      given.list.push(2);
    };
    BX.addCustomEvent("e", (given) => spoil(given));
    BX.addCustomEvent("e", (given) => spoil(given));
    BX.Event.EventEmitter.subscribe("e", (event) => spoil((event.getData() as [typeof params])[0]));
    BX.Event.EventEmitter.subscribe("e", (event) => spoil((event.getCompatData() as [typeof params])[0]));
    BX.onCustomEvent("e", [params], true);
    expect(seen).toEqual(Array(4).fill({ list: [1] }));
    expect(params).toEqual({ list: [1] });
  });

  it("shares the args when not secure", () => {
    const { BX } = pageWithBx();
    const params = {};
    const handler = vi.fn();
    BX.addCustomEvent("e", handler);
    BX.onCustomEvent("e", [params]);
    expect(handler.mock.calls[0]?.[0]).toBe(params);
  });

  it("does not call a listener that an earlier one removed", () => {
    const { BX } = pageWithBx();
    const second = vi.fn();
    BX.addCustomEvent("e", () => BX.removeCustomEvent("e", second));
    BX.addCustomEvent("e", second);
    BX.onCustomEvent("e");
    expect(second).not.toHaveBeenCalled();
  });

  it("calls a listener added meanwhile from the next event on", () => {
    const { BX } = pageWithBx();
    const added = vi.fn();
    BX.addCustomEvent("e", () => BX.addCustomEvent("e", added));
    BX.onCustomEvent("e");
    expect(added).not.toHaveBeenCalled();
    BX.onCustomEvent("e");
    expect(added).toHaveBeenCalledTimes(1);
  });

  it("takes an arguments object for the args", () => {
    const { BX } = pageWithBx();
    const handler = vi.fn();
    BX.addCustomEvent("e", handler);
    (function (..._: unknown[]) {
      // biome-ignore lint/complexity/noArguments: old page code does this.
      BX.onCustomEvent("e", arguments as unknown as unknown[]);
    })(1, 2);
    expect(handler).toHaveBeenCalledExactlyOnceWith(1, 2);
  });

  it("works on a page whose console throws", () => {
    const broken = () => {
      throw new Error("no console");
    };
    const { BX } = pageWithBx({ console: { error: broken } });
    const second = vi.fn();
    BX.addCustomEvent("e", broken);
    BX.addCustomEvent("e", second);
    BX.onCustomEvent("e");
    expect(second).toHaveBeenCalledTimes(1);
  });
});

describe("BX.removeCustomEvent and BX.removeAllCustomEvents", () => {
  it("removes one listener of the global target or of an object", () => {
    const { BX } = pageWithBx();
    const [target, handler] = [{}, vi.fn()];
    BX.addCustomEvent("e", handler);
    BX.addCustomEvent(target, "e", handler);
    BX.removeCustomEvent("E", handler);
    BX.onCustomEvent(target, "e");
    expect(handler).toHaveBeenCalledTimes(1);
    BX.removeCustomEvent(target, "e", handler);
    BX.onCustomEvent(target, "e");
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("removes a listener made by BX.proxy by making it again", () => {
    const { BX } = pageWithBx();
    const [context, handler] = [{}, vi.fn()];
    BX.addCustomEvent("e", BX.proxy(handler, context));
    BX.removeCustomEvent("e", BX.proxy(handler, context));
    BX.onCustomEvent("e");
    expect(handler).not.toHaveBeenCalled();
  });

  it("removes all listeners of one event of one target", () => {
    const { BX } = pageWithBx();
    const [target, global, other, object] = [{}, vi.fn(), vi.fn(), vi.fn()];
    BX.addCustomEvent("e", global);
    BX.addCustomEvent("other", other);
    BX.addCustomEvent(target, "e", object);
    BX.removeAllCustomEvents("e");
    BX.onCustomEvent(target, "e");
    BX.onCustomEvent("other");
    expect([global, object, other].map((fn) => fn.mock.calls.length)).toEqual([0, 1, 1]);
    BX.removeAllCustomEvents(target, "e");
    BX.onCustomEvent(target, "e");
    expect(object).toHaveBeenCalledTimes(1);
  });

  it("takes the removal of what was never added in its stride", () => {
    const { BX, lines } = pageWithBx();
    BX.removeCustomEvent({}, "e", vi.fn());
    BX.removeAllCustomEvents({}, "e");
    expect(lines).toEqual([]);
  });
});

describe("bad arguments", () => {
  it.each([
    ["addCustomEvent", []],
    ["addCustomEvent", ["e"]],
    ["addCustomEvent", ["e", "fn"]],
    ["addCustomEvent", [{}, "", vi.fn()]],
    ["addCustomEvent", [5, "e", vi.fn()]],
    ["addCustomEvent", [null, null, vi.fn()]],
    ["removeCustomEvent", ["e", null]],
    ["removeAllCustomEvents", [{}]],
    ["onCustomEvent", [undefined]],
    ["onCustomEvent", [0n, Symbol.iterator]],
    ["onCustomEvent", ["e", { a: 1 }]],
    ["onCustomEvent", ["e", "text"]],
  ])("of BX.%s are reported with themselves, and ignored: %#", (method, args) => {
    const { BX, lines } = pageWithBx();
    (BX[method] as (...args: unknown[]) => void)(...args);
    expect(lines).toEqual([
      ["[bxpull]", CANNOT_USE, ...(typeof args[0] === "string" ? [null] : []), ...args],
    ]);
  });

  it.each([
    ["subscribe", ["e"]],
    ["emit", []],
    ["unsubscribeAll", []],
  ])("of BX.Event.EventEmitter.%s(%j) are reported and ignored", (method, args) => {
    const { BX, lines } = pageWithBx();
    const { EventEmitter } = BX.Event;
    (EventEmitter as unknown as Record<string, (...args: unknown[]) => void>)[method]?.(...args);
    expect(lines[0]?.slice(0, 2)).toEqual(["[bxpull]", CANNOT_USE]);
  });

  it("does not take the window alone for leave to remove every listener of the page", () => {
    const { BX, win, lines } = pageWithBx();
    const handler = vi.fn();
    BX.addCustomEvent("e", handler);
    BX.Event.EventEmitter.unsubscribeAll(win);
    BX.onCustomEvent("e");
    expect(handler).toHaveBeenCalledTimes(1);
    expect(lines).toHaveLength(1);
  });
});

describe("BX.Event.EventEmitter, static", () => {
  it("hears BX.onCustomEvent with one event object", () => {
    const { BX } = pageWithBx();
    const target = {};
    const seen: unknown[] = [];
    BX.Event.EventEmitter.subscribe("onPullEvent-main", (event) => {
      seen.push(event.getType(), event.getData(), event.getCompatData());
      expect(event.getTarget()).toBe(target);
      expect(event).toBeInstanceOf(BX.Event.BaseEvent);
    });
    BX.onCustomEvent(target, "onPullEvent-main", ["check", 1]);
    expect(seen).toEqual(["onpullevent-main", ["check", 1], ["check", 1]]);
  });

  it("reaches addCustomEvent listeners with the compat data spread, else with data and event", () => {
    const { BX } = pageWithBx();
    const handler = vi.fn();
    BX.addCustomEvent("e", handler);
    const event = new BX.Event.BaseEvent({ data: { a: 1 }, compatData: [1, 2] });
    BX.Event.EventEmitter.emit("e", event);
    BX.Event.EventEmitter.emit("e", { b: 2 });
    expect(handler.mock.calls[0]).toEqual([1, 2]);
    expect(handler.mock.calls[1]?.[0]).toEqual({ b: 2 });
    expect(handler.mock.calls[1]?.[1].getData()).toEqual({ b: 2 });
  });

  it("hands all listeners the same event, so that they can object to the default", () => {
    const { BX } = pageWithBx();
    const event = new BX.Event.BaseEvent();
    BX.Event.EventEmitter.subscribe("e", (given) => given.preventDefault());
    BX.Event.EventEmitter.subscribe("e", (given) => expect(given.isDefaultPrevented()).toBe(true));
    expect(event.isDefaultPrevented()).toBe(false);
    BX.Event.EventEmitter.emit("e", event);
    expect(event.isDefaultPrevented()).toBe(true);
    expect(event.getData()).toEqual({});
  });

  it("lets a listener change the data for the next", () => {
    const { BX } = pageWithBx();
    const second = vi.fn();
    BX.Event.EventEmitter.subscribe("e", (event) => event.setData(2));
    BX.Event.EventEmitter.subscribe("e", (event) => second(event.getData()));
    BX.Event.EventEmitter.emit("e", 1);
    expect(second).toHaveBeenCalledExactlyOnceWith(2);
  });

  it("calls a subscribeOnce listener once, even when it emits again itself", () => {
    const { BX } = pageWithBx();
    const handler = vi.fn((): void => BX.onCustomEvent("e"));
    BX.Event.EventEmitter.subscribeOnce("e", handler);
    BX.onCustomEvent("e");
    BX.onCustomEvent("e");
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("unsubscribes one listener or all of a target", () => {
    const { BX } = pageWithBx();
    const { EventEmitter } = BX.Event;
    const [target, first, second] = [{}, vi.fn(), vi.fn()];
    EventEmitter.subscribe(target, "e", first);
    EventEmitter.subscribe(target, "f", second);
    EventEmitter.unsubscribe(target, "e", first);
    EventEmitter.emit(target, "e");
    EventEmitter.unsubscribeAll(target);
    EventEmitter.emit(target, "f");
    EventEmitter.subscribe("e", first);
    EventEmitter.unsubscribeAll("e");
    EventEmitter.emit("e");
    expect(first).not.toHaveBeenCalled();
    expect(second).not.toHaveBeenCalled();
  });
});

describe("BX.Event.EventEmitter, instances", () => {
  it("prefixes names with the namespace, so that global listeners hear the full name", () => {
    const { BX } = pageWithBx();
    class Chat extends BX.Event.EventEmitter {
      constructor() {
        super();
        this.setEventNamespace("My.Chat");
      }
    }
    const chat = new Chat();
    const [own, global, custom] = [vi.fn(), vi.fn(), vi.fn()];
    expect(chat.subscribe("onSend", own)).toBe(chat);
    BX.Event.EventEmitter.subscribe("My.Chat:onSend", global);
    BX.addCustomEvent(chat, "My.Chat:onSend", custom);
    expect(chat.emit("onSend", { text: "hi" })).toBe(chat);
    expect(own.mock.calls[0]?.[0].getTarget()).toBe(chat);
    expect(global.mock.calls[0]?.[0].getType()).toBe("my.chat:onsend");
    expect(custom.mock.calls[0]?.[0]).toEqual({ text: "hi" });
    expect(chat.getEventNamespace()).toBe("My.Chat");
  });

  it("keeps the events of two emitters apart", () => {
    const { BX } = pageWithBx();
    const [one, two, handler] = [new BX.Event.EventEmitter(), new BX.Event.EventEmitter(), vi.fn()];
    one.subscribe("e", handler);
    two.emit("e");
    expect(handler).not.toHaveBeenCalled();
    expect(one.getEventNamespace()).toBe("");
  });

  it("unsubscribes one, all of an event, and all", () => {
    const { BX } = pageWithBx();
    const emitter = new BX.Event.EventEmitter();
    emitter.setEventNamespace("N");
    const handler = vi.fn();
    emitter.subscribe("a", handler).unsubscribe("a", handler).emit("a");
    emitter.subscribe("a", handler).unsubscribeAll("a").emit("a");
    emitter.subscribe("a", handler).subscribeOnce("b", handler).unsubscribeAll().emit("a").emit("b");
    expect(handler).not.toHaveBeenCalled();
    emitter.subscribeOnce("b", handler).emit("b").emit("b");
    expect(handler).toHaveBeenCalledTimes(1);
  });
});
