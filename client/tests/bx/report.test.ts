import { describe, expect, it } from "vitest";
import { print, reportError } from "../../src/bx/report";
import type { Win } from "../../src/bx/types";
import { fakePage } from "./fake-win";

describe("reportError", () => {
  it("prints a line and tells the window's error listeners", () => {
    const { win, lines, errors } = fakePage();
    const error = new Error("broken");
    reportError(win, error, "it broke");
    expect(lines).toEqual([["[bxpull] it broke", error]]);
    expect(errors).toEqual([error]);
  });

  it("throws from a timer where the window cannot report errors", () => {
    const timers: (() => void)[] = [];
    const { win } = fakePage({ reportError: undefined, setTimeout: (fn: () => void) => timers.push(fn) });
    reportError(win, new Error("later"), "it broke");
    expect(timers).toHaveLength(1);
    expect(timers[0]).toThrow("later");
  });

  it("survives a window without console and timers", () => {
    expect(() => reportError({} as Win, new Error("x"), "it broke")).not.toThrow();
  });
});

describe("print", () => {
  it("prints at the level asked for", () => {
    const { win, lines } = fakePage();
    print(win, "log", 1, 2);
    expect(lines).toEqual([[1, 2]]);
  });
});
