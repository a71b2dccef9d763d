import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Envelope } from "../../src/codec/types";
import { createSession } from "../../src/pull/session";

const mid = (n: number) => `1795341600${String(n).padStart(16, "0")}`;
const message = (id: string): Envelope => ({
  mid: id,
  event_: { module_id: "m", command: "c", params: {}, extra: {} },
});

describe("session", () => {
  it("moves its position with every message and never back", () => {
    const session = createSession();
    session.accept_(message(mid(5)));
    session.accept_(message(mid(4)));
    expect(session.position_.mid).toBe(mid(5));
  });

  it("accepts a message once, however far back it comes again", () => {
    const session = createSession();
    for (let n = 1; n <= 5000; n++) expect(session.accept_(message(mid(n)))).toBe(true);
    for (let n = 1; n <= 5000; n++) expect(session.accept_(message(mid(n)))).toBe(false);
  });

  it.each([
    ["all alike", mid],
    ["of several lengths", (n: number) => String(n * n)],
  ])("accepts each id once, in whatever order they come: %s", (_, id) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 200 }), (numbers) => {
        const session = createSession();
        const heard = numbers.filter((n) => session.accept_(message(id(n))));
        expect(heard).toEqual([...new Set(numbers)]);
      }),
      { numRuns: 300, seed: 20_261_129 },
    );
  });

  it("accepts what a server that forgot its messages counts anew, and nothing twice", () => {
    const session = createSession();
    const old = [9001, 9002, 9003];
    for (const n of old) session.accept_(message(mid(n)));
    session.resume_("");
    for (let n = 1; n <= 5000; n++) {
      expect(session.accept_(message(mid(n)))).toBe(true);
      if (n < 900) for (const m of old) expect(session.accept_(message(mid(m)))).toBe(false);
    }
  });

  it("is not put back by the verdict of a connection that newer messages have overtaken", () => {
    const session = createSession();
    session.resume_(mid(1));
    session.accept_(message(mid(20)));
    expect(session.judge_({ asked: mid(1), position: mid(10), through: "" })).toBeUndefined();
    expect(session.accept_(message(mid(20)))).toBe(false);
  });

  it.each([
    ["while it is behind", 30],
    ["once it has caught up", 90],
  ])("begins anew when a server's clock was put back with its history: asked %s", (_, now) => {
    const session = createSession();
    session.judge_({ asked: "", position: mid(40), through: mid(10), begin: mid(10) });
    session.accept_(message(mid(50)));
    // Tabs that share a connection have it opened from where the hindmost is.
    const anew = { asked: mid(25), position: mid(now), through: mid(20), begin: mid(20) };
    expect(session.judge_(anew)).toEqual({ after: mid(50), through: mid(20) });
    expect(session.judge_({ ...anew, position: mid(now + 1) })).toBeUndefined();
    expect([21, 30, 50, 60].map((n) => session.accept_(message(mid(n))))).toEqual([true, true, true, true]);
  });

  it("goes on when another history of the server begins later, and what lies between is a gap", () => {
    const session = createSession();
    session.judge_({ asked: "", position: mid(40), through: mid(10), begin: mid(10) });
    session.accept_(message(mid(50)));
    const anew = { asked: mid(50), position: mid(80), through: mid(60), begin: mid(60) };
    expect(session.judge_(anew)).toEqual({ after: mid(50), through: mid(60) });
    expect(session.accept_(message(mid(50)))).toBe(false);
  });

  it("accepts messages that overtake each other", () => {
    const session = createSession();
    for (let n = 1000; n >= 1; n--) expect(session.accept_(message(mid(n)))).toBe(true);
  });

  it("accepts messages without an id every time", () => {
    const session = createSession();
    expect(session.accept_(message(""))).toBe(true);
    expect(session.accept_(message(""))).toBe(true);
    expect(session.position_.mid).toBe("");
  });

  it("accepts older ids from a server that forgot its messages", () => {
    const session = createSession();
    for (let n = 1001; n <= 3000; n++) session.accept_(message(mid(n)));
    session.position_ = { mid: "" };
    expect(session.accept_(message(mid(1)))).toBe(true);
    expect(session.accept_(message(mid(1)))).toBe(false);
  });

  it("does not order ids of different kinds", () => {
    const session = createSession();
    for (let n = 1; n <= 1500; n++) session.accept_(message(mid(n)));
    expect(session.accept_(message("7"))).toBe(true);
    expect(session.accept_(message("7"))).toBe(false);
  });

  it("drops old messages again, when numbers have become longer, too", () => {
    const session = createSession();
    for (let n = 1; n <= 15_000; n++) session.accept_(message(`${n}`));
    expect(session.accept_(message("10500"))).toBe(false);
  });

  it("drops what came before the place it continues from", () => {
    const session = createSession();
    session.resume_(mid(10));
    expect(session.accept_(message(mid(10)))).toBe(false);
    expect(session.accept_(message(mid(11)))).toBe(true);
  });
});
