import { describe, expect, it } from "vitest";
import { BASE_DELAY_MS, backoffDelay, MAX_DELAY_MS } from "../../src/transport/backoff";

describe("backoff", () => {
  it("doubles the upper bound with every failure, up to the cap", () => {
    const bounds = Array.from({ length: 9 }, (_, failures) => backoffDelay(failures, 1));
    expect(bounds).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("has full jitter: any wait from nothing to the bound", () => {
    expect(backoffDelay(3, 0)).toBe(0);
    expect(backoffDelay(3, 0.5)).toBe(2000);
  });

  it("stays at the cap after any number of failures", () => {
    expect(backoffDelay(100_000, 1)).toBe(MAX_DELAY_MS);
    expect(BASE_DELAY_MS).toBeLessThan(MAX_DELAY_MS);
  });
});
