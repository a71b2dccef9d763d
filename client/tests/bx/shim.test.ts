// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { shim } from "../../src/bx/shim";
import type { BxGlobal, Win } from "../../src/bx/types";
import { fakePage } from "./fake-win";

/** A page whose `BX` is what it set up itself. */
function pageOwning(BX: unknown): { win: Win; BX: Record<string, unknown> } {
  return { win: fakePage({ BX }).win, BX: BX as Record<string, unknown> };
}

describe("shim()", () => {
  it("makes BX on a page without one", () => {
    const { win } = fakePage();
    const { BX, find_: find } = shim(win);
    expect((win as unknown as { BX: BxGlobal }).BX).toBe(BX);
    const handler = vi.fn();
    BX.addCustomEvent("e", handler);
    BX.onCustomEvent("e", [1]);
    expect(find("E").map(({ source_ }) => source_)).toEqual([handler]);
    expect(handler).toHaveBeenCalledExactlyOnceWith(1);
  });

  it("works on a real window", () => {
    const win = window as unknown as Win;
    const { BX } = shim(win);
    const heard: unknown[] = [];
    BX.addCustomEvent(window, "e", function () {
      heard.push(this === window);
    });
    BX.onCustomEvent({}, "e");
    BX.onCustomEvent(window, "e");
    expect(heard).toEqual([false, true]);
  });

  it("keeps a page's own event core and everything else, and adds only helpers", () => {
    const own = {
      addCustomEvent: () => undefined,
      onCustomEvent: () => undefined,
      ready: () => undefined,
      message: Object.assign(() => undefined, { USER_ID: 3 }),
    };
    const { win, BX } = pageOwning({ ...own });
    const installed = shim(win);
    expect(installed.find_("e").map(({ source_ }) => source_)).toEqual([own.onCustomEvent]);
    expect(installed.BX).toBe(BX);
    expect(BX).toMatchObject(own);
    expect(BX.removeCustomEvent).toBeUndefined();
    expect(BX.Event).toBeUndefined();
    expect(["delegate", "proxy", "namespace", "bitrix_sessid", "debug"].map((key) => typeof BX[key])).toEqual(
      Array(5).fill("function"),
    );
  });

  it("adds an event core to a BX that has none", () => {
    const type = { isString: () => true };
    const EventEmitter = {};
    const { win, BX } = pageOwning({ type, Event: { EventEmitter, own: 1 }, mine: 1 });
    expect(shim(win).find_("e")).toEqual([]);
    expect(BX).toMatchObject({ type, mine: 1, addCustomEvent: expect.any(Function) });
    expect(BX.Event).toEqual({ EventEmitter, own: 1, BaseEvent: expect.any(Function) });
    expect((BX.Event as { EventEmitter: unknown }).EventEmitter).toBe(EventEmitter);
  });

  it("replaces half an event core, which nobody could hear", () => {
    const addCustomEvent = () => undefined;
    const { win, BX } = pageOwning({ addCustomEvent });
    shim(win);
    expect(BX.addCustomEvent).not.toBe(addCustomEvent);
  });

  it("adds to a BX that is a function", () => {
    const { win, BX } = pageOwning(() => null);
    expect(shim(win).BX).toBe(BX);
    expect(BX.addCustomEvent).toBeTypeOf("function");
  });

  it("does not take an element with the id BX for the page's BX", () => {
    const element = document.createElement("div");
    const { win } = pageOwning(element);
    expect(shim(win).BX).not.toBe(element);
  });

  it("makes phrases of a plain object readable both ways", () => {
    const { win } = pageOwning({ message: { USER_ID: 7, bitrix_sessid: "abc" } });
    const { BX } = shim(win);
    expect([BX.message.USER_ID, BX.message("USER_ID"), BX.bitrix_sessid()]).toEqual([7, 7, "abc"]);
  });

  it("finds its own core the second time and changes nothing", () => {
    const { win } = fakePage();
    const first = shim(win);
    const members = { ...first.BX };
    const second = shim(win);
    expect(second.BX).toBe(first.BX);
    expect({ ...second.BX }).toEqual(members);
    // Another copy of the script may have other names inside: it uses the core as it uses the page's own.
    expect(second.find_("e").map(({ source_ }) => source_)).toEqual([second.BX.onCustomEvent]);
  });
});
