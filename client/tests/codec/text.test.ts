import { describe, expect, it, vi } from "vitest";
import { decodeText } from "../../src/codec/text";
import { readAll } from "../support/decode";
import { frame } from "../support/page";

function decode(data: string | ArrayBuffer) {
  const warnings: string[] = [];
  const envelopes = readAll(decodeText, data, (message) => warnings.push(message));
  return { warnings, commands: envelopes.map(({ event_: event }) => event?.command ?? null), envelopes };
}

const BAD = "#!NGINXNMS!#not json#!NGINXNME!#";

describe("text frames", () => {
  it("reads a frame's position and event", () => {
    const { envelopes, warnings } = decode(frame("Test", "check", { id: 1 }, { a: 2 }, "1".repeat(26)));
    expect(warnings).toEqual([]);
    expect(envelopes).toEqual([
      {
        mid: "1".repeat(26),
        tag: "001",
        time: "Sun, 22 Nov 2026 10:00:00 GMT",
        event_: { module_id: "test", command: "check", params: { id: 1 }, extra: { a: 2 } },
      },
    ]);
  });

  it("reads any number of records in one message, in order", () => {
    expect(decode(frame("m", "a") + frame("m", "b") + frame("m", "c")).commands).toEqual(["a", "b", "c"]);
  });

  it("keeps params as they came, an empty list too", () => {
    expect(decode(frame("m", "a", [])).envelopes[0]?.event_?.params).toEqual([]);
  });

  it("replaces an extra that is no object", () => {
    for (const extra of [[], "x", null, 7]) {
      expect(decode(frame("m", "a", {}, extra)).envelopes[0]?.event_?.extra).toEqual({});
    }
  });

  it.each([
    ["in front", BAD + frame("m", "good"), ["good"]],
    ["in between", frame("m", "one") + BAD + frame("m", "two"), ["one", "two"]],
    ["at the end", frame("m", "one") + BAD, ["one"]],
    ["cut off before a good one", frame("m", "lost").slice(0, 60) + frame("m", "good"), ["good"]],
    ["cut off at the end", frame("m", "one") + frame("m", "lost").slice(0, 60), ["one"]],
    ["cut inside its end marker", frame("m", "one") + frame("m", "lost").slice(0, -3), ["one"]],
  ])("drops a damaged record alone, with one warning: %s", (_, data, commands) => {
    const result = decode(data);
    expect(result.commands).toEqual(commands);
    expect(result.warnings).toHaveLength(1);
  });

  it.each([
    ["no text", '#!NGINXNMS!#{"id":5,"mid":"5"}#!NGINXNME!#'],
    ["no module", '#!NGINXNMS!#{"id":5,"mid":"5","text":{"command":"x"}}#!NGINXNME!#'],
    ["a list for text", '#!NGINXNMS!#{"id":5,"mid":"5","text":[1]}#!NGINXNME!#'],
  ])("keeps the position of a record with %s, and nothing else of it", (_, data) => {
    const { envelopes, warnings } = decode(data + frame("m", "good"));
    expect(envelopes[0]).toEqual({ mid: "5", event_: null });
    expect(envelopes[1]?.event_?.command).toBe("good");
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ["a line feed", "line\nfeed"],
    ["all control characters", String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code))],
    ["line separators", "a\u2028b\u2029c"],
    ["an end marker", "x#!NGINXNME!#y"],
    ["an end marker at its very end", "x#!NGINXNME!#"],
    ["a start marker", "x#!NGINXNMS!#y"],
    ["a whole frame", `x${frame("evil", "inner", {}, {}, "9".repeat(26))}y`.replace(/"/g, "'")],
    ["several frame borders", "#!NGINXNME!##!NGINXNMS!#".repeat(3)],
    ["many start markers", "#!NGINXNMS!#".repeat(30)],
  ])("copes with %s raw inside a string", (_, text) => {
    const raw = frame("m", "tricky", { text: "@" }).replace("@", text.replace(/[\\"]/g, "\\$&"));
    const { envelopes, warnings } = decode(raw + frame("m", "next"));
    expect(warnings).toEqual([]);
    expect(envelopes.map(({ event_: event }) => event?.command)).toEqual(["tricky", "next"]);
    expect(envelopes[0]?.event_?.params).toEqual({ text });
  });

  it("warns once about a message without any record, and about a binary one", () => {
    expect(decode("hello").warnings).toHaveLength(1);
    expect(decode(new ArrayBuffer(8)).warnings).toHaveLength(1);
  });

  it("never repeats content in a warning", () => {
    expect(decode("#!NGINXNMS!#secret#!NGINXNME!#").warnings.join()).not.toContain("secret");
  });

  it("stays linear on a megabyte of borders", () => {
    const parse = vi.spyOn(JSON, "parse");
    const { envelopes } = decode("#!NGINXNMS!#{#!NGINXNME!#".repeat(20_000) + frame("m", "good"));
    // A message ends at one of the next few borders, or nowhere; each end is tried in two ways.
    const lengths = parse.mock.calls.map(([text]) => text.length);
    expect(lengths.length).toBeLessThan(10 * 20_000);
    expect(lengths.every((length) => length < 1000)).toBe(true);
    expect(envelopes.map(({ event_: event }) => event?.command)).toEqual(["good"]);
  });
});
