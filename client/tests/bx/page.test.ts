import { describe, expect, it, vi } from "vitest";
import { pageWithBx } from "./fake-win";

function loadingPage(domContentLoadedEventStart: number | undefined, readyState = "interactive") {
  const listeners = new Map<string, () => void>();
  const addEventListener = (name: string, fn: () => void) => listeners.set(name, fn);
  const performance = { timing: { domContentLoadedEventStart } };
  return { ...pageWithBx({ document: { readyState }, performance, addEventListener }), listeners };
}

describe("BX.ready", () => {
  it("waits for DOMContentLoaded, deferred scripts too", () => {
    const { BX, listeners } = loadingPage(0);
    const handler = vi.fn();
    BX.ready(handler);
    expect(handler).not.toHaveBeenCalled();
    listeners.get("DOMContentLoaded")?.();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("calls at once when DOMContentLoaded is over, whatever images still load", () => {
    const { BX, listeners } = loadingPage(12);
    const handler = vi.fn();
    BX.ready(handler);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(listeners.size).toBe(0);
  });

  it("calls at once in a complete document whose performance a test's clock has replaced", () => {
    const { BX } = loadingPage(undefined, "complete");
    const handler = vi.fn();
    BX.ready(handler);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("reports a function that throws", () => {
    const { BX, errors } = loadingPage(12);
    const error = new Error("broken");
    BX.ready(() => {
      throw error;
    });
    expect(errors).toEqual([error]);
  });
});

describe("BX.namespace", () => {
  it("makes the objects of a path below BX, and keeps those that are there", () => {
    const { BX } = pageWithBx();
    const made = BX.namespace("BX.My.Module");
    made.kept = 1;
    expect(BX.namespace("My.Module")).toBe(made);
    expect(BX.My).toEqual({ Module: { kept: 1 } });
    expect(BX.namespace("BX")).toBe(BX);
  });

  it("never reaches into prototypes", () => {
    const { BX } = pageWithBx();
    BX.namespace("__proto__.x");
    BX.namespace("constructor.prototype.y");
    expect([({} as Record<string, unknown>).x, ({} as Record<string, unknown>).y]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("BX.bitrix_sessid", () => {
  it("gives the phrase of that name", () => {
    const { BX } = pageWithBx();
    expect(BX.bitrix_sessid()).toBe("");
    BX.message({ bitrix_sessid: "abc" });
    expect(BX.bitrix_sessid()).toBe("abc");
  });
});

describe("BX.debug", () => {
  it("prints while debugging is on", () => {
    const { BX, lines } = pageWithBx();
    BX.debug("off");
    BX.debugEnable();
    BX.debug("on", 1);
    BX.debugEnable(false);
    BX.debug("off");
    expect(lines).toEqual([["on", 1]]);
    expect(BX.debugStatus).toBe(false);
  });
});
