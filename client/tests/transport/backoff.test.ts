import { describe, expect, it } from "vitest";
import { backoffDelay } from "../../src/transport/backoff";

describe("backoff", () => {
  it("doubles the upper bound with every failure, up to the cap", () => {
    const bounds = Array.from({ length: 9 }, (_, failures) => backoffDelay(failures, 1, 500, 30_000));
    expect(bounds).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("has full jitter: any wait from nothing to the bound", () => {
    expect(backoffDelay(3, 0, 500, 30_000)).toBe(0);
    expect(backoffDelay(3, 0.5, 500, 30_000)).toBe(2000);
  });

  it("stays at the cap after any number of failures", () => {
    expect(backoffDelay(100_000, 1, 500, 30_000)).toBe(30_000);
  });
});
