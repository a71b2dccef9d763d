import { describe, expect, it, vi } from "vitest";
import { pageWithBx } from "./fake-win";

function loadingPage(readyState: string, started?: number) {
  const listeners: [string, () => void][] = [];
  const document = {
    readyState,
    addEventListener: (name: string, fn: () => void) => listeners.push([name, fn]),
  };
  const performance = started === undefined ? undefined : { timing: { domContentLoadedEventStart: started } };
  return { ...pageWithBx({ document, performance }), listeners };
}

describe("BX.ready", () => {
  it.each([
    ["loading", undefined],
    ["interactive", 0],
  ])("waits for DOMContentLoaded while the document is %s", (state, started) => {
    const { BX, listeners } = loadingPage(state, started);
    const handler = vi.fn();
    BX.ready(handler);
    expect(handler).not.toHaveBeenCalled();
    expect(listeners[0]?.[0]).toBe("DOMContentLoaded");
    listeners[0]?.[1]();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["complete", undefined],
    ["interactive", 12],
    ["interactive", undefined],
  ])("calls at once when the document is %s and DOMContentLoaded began at %s", (state, started) => {
    const handler = vi.fn();
    loadingPage(state, started).BX.ready(handler);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("reports a function that throws", () => {
    const { BX, errors } = loadingPage("complete");
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
