import { describe, expect, it } from "vitest";
import { print, reportError } from "../../src/bx/report";
import { fakePage } from "./fake-win";

describe("reportError", () => {
  it("prints a line and throws in a timer, for the window's error listeners", () => {
    const { win, lines, errors } = fakePage();
    const error = new Error("broken");
    reportError(win, error, "it broke");
    expect(lines).toEqual([["[bxpull]", "it broke", error]]);
    expect(errors).toEqual([error]);
  });

  it("survives a window without console", () => {
    const error = new Error("x");
    const { win, errors } = fakePage({ console: undefined });
    reportError(win, error, "it broke");
    expect(errors).toEqual([error]);
  });
});

describe("print", () => {
  it("prints at the level asked for", () => {
    const { win, lines } = fakePage();
    print(win, "log", 1, 2);
    expect(lines).toEqual([["[bxpull]", 1, 2]]);
  });
});
