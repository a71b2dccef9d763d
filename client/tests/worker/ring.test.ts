import { describe, expect, it } from "vitest";
import { createRing } from "../../src/worker/ring";

describe("a ring", () => {
  it("gives what came after a frame", () => {
    const ring = createRing();
    for (const frame of ["a", "b", "c"]) ring.push_(frame, true);
    expect([ring.last_, ring.after_(1), ring.after_(3)]).toEqual([
      3,
      [
        [2, "b"],
        [3, "c"],
      ],
      [],
    ]);
    expect([0, 3, 4].map(ring.covers_)).toEqual([true, true, false]);
  });

  it("numbers frames that it does not keep", () => {
    const ring = createRing();
    ring.push_("ping", false);
    expect(ring.push_("a", true)).toBe(2);
    expect(ring.after_(0)).toEqual([[2, "a"]]);
    expect(ring.covers_(0)).toBe(true);
  });

  it("keeps a thousand frames", () => {
    const ring = createRing();
    for (let number = 1; number <= 1001; number++) ring.push_("a", true);
    expect([ring.covers_(0), ring.covers_(1)]).toEqual([false, true]);
    expect(ring.after_(0)).toHaveLength(1000);
  });

  it("keeps four million characters or bytes, and of one larger frame nothing", () => {
    const ring = createRing();
    const million = new ArrayBuffer(1_048_576);
    for (let number = 1; number <= 5; number++) ring.push_(million, true);
    expect([ring.covers_(0), ring.covers_(1)]).toEqual([false, true]);
    ring.push_("x".repeat(4_194_305), true);
    expect([ring.covers_(5), ring.covers_(6), ring.after_(0).length]).toEqual([false, true, 0]);
  });

  it("covers nothing from before a cut, not even its last frame", () => {
    const ring = createRing();
    ring.push_("a", true);
    ring.cut_();
    expect(ring.covers_(1)).toBe(false);
    const last = ring.last_;
    const next = ring.push_("b", true);
    expect([ring.covers_(last), ring.after_(last)]).toEqual([true, [[next, "b"]]]);
  });
});
