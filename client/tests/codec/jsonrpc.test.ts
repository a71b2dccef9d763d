import { describe, expect, it } from "vitest";
import { decodeJsonRpc, encodeJsonRpc } from "../../src/codec/jsonrpc";
import { readAll } from "../support/decode";
import { rpcFrame } from "../support/page";

function decode(frame: unknown) {
  const warnings: string[] = [];
  const text = typeof frame === "string" ? frame : JSON.stringify(frame);
  const replies: unknown[] = [];
  const envelopes = readAll(
    (frame, found, warn) => decodeJsonRpc(frame, found, warn, (reply) => replies.push(reply)),
    text,
    (line) => warnings.push(line),
  );
  return {
    warnings,
    envelopes,
    replies,
    commands: envelopes.map(({ event_: event }) => event?.command ?? null),
  };
}
const parsed = (...args: Parameters<typeof rpcFrame>) => JSON.parse(rpcFrame(...args));

describe("a JSON-RPC frame", () => {
  it("holds an event with its position and sender", () => {
    const mid = "1".repeat(26);
    const { envelopes, warnings } = decode(rpcFrame("Test", "check", { id: 1 }, { extra: { a: 2 }, mid }));
    expect(warnings).toEqual([]);
    expect(envelopes).toEqual([
      {
        mid,
        sender_: { type: 2 },
        event_: { module_id: "test", command: "check", params: { id: 1 }, extra: { a: 2 } },
      },
    ]);
  });

  it("merges the dictionary, then the user's own params, into the params", () => {
    const more = { dictionary: { a: "d", b: "d", c: "d" }, user_params: { b: "u", c: "u" } };
    const params = (given: unknown) => decode(rpcFrame("m", "c", given, more)).envelopes[0]?.event_?.params;
    expect(params({ a: "p", z: "p" })).toEqual({ a: "d", b: "u", c: "u", z: "p" });
    expect(params([])).toEqual({ a: "d", b: "u", c: "u" });
    expect(decode(rpcFrame("m", "c", [])).envelopes[0]?.event_?.params).toEqual([]);
  });

  it("with nothing to merge, which PHP writes as an empty list, leaves a list of params as it is", () => {
    const more = { dictionary: [], user_params: [] };
    for (const given of [[], [1, 2], { a: 1 }]) {
      expect(decode(rpcFrame("m", "c", given, more)).envelopes[0]?.event_?.params).toEqual(given);
    }
  });

  it("knows no position by a number that has lost digits", () => {
    const frame = rpcFrame("m", "c", {}, { mid: "MID" });
    for (const [mid, known] of [
      ["17953416000000000000000001", ""],
      ["7", "7"],
    ] as const) {
      const { envelopes } = decode(frame.replace('"MID"', mid));
      expect(envelopes).toMatchObject([{ mid: known, event_: { command: "c" } }]);
    }
  });

  it("with an answer to nobody knows what costs a warning", () => {
    const error = { code: -32700, message: "parse error" };
    const { replies, warnings } = decode({ jsonrpc: "2.0", error, id: null });
    expect([replies, warnings.length]).toEqual([[], 1]);
  });

  it("may be a batch of events and answers", () => {
    const { commands, replies, warnings } = decode([
      parsed("m", "a"),
      { jsonrpc: "2.0", result: { ok: true }, id: 3 },
      parsed("m", "b"),
      { jsonrpc: "2.0", error: { code: -32601, message: "no such method" }, id: 4 },
    ]);
    expect([commands, warnings]).toEqual([["a", "b"], []]);
    expect(replies).toMatchObject([
      { id: 3, result: { ok: true } },
      { id: 4, error: { code: -32601, message: "no such method" } },
    ]);
  });

  it.each([
    ["a number", 7],
    ["null", null],
    ["a list", []],
    ["an unknown method", { jsonrpc: "2.0", method: "other", params: {} }],
    ["a request of the server", { jsonrpc: "2.0", method: "other", id: 1 }],
    ["neither method nor id", { jsonrpc: "2.0" }],
  ])("loses only what it cannot use: %s", (_, odd) => {
    const { commands, warnings } = decode([parsed("m", "a"), odd, parsed("m", "b")]);
    expect(commands).toEqual(["a", "b"]);
    expect(warnings).toEqual(["message 2 of a frame cannot be read"]);
  });

  it("keeps the position of a message whose event is damaged", () => {
    for (const body of [undefined, null, [], "text", { command: "c" }]) {
      const { envelopes, warnings } = decode({ method: "incoming.message", params: { mid: "5", body } });
      expect(envelopes).toEqual([{ mid: "5", sender_: undefined, event_: null }]);
      expect(warnings).toHaveLength(1);
    }
  });

  it.each(["", "not json", '{"cut', "null", "7", '"text"'])("that is none costs one warning: %s", (frame) => {
    expect(decode(frame)).toMatchObject({ commands: [], replies: [], warnings: [expect.any(String)] });
  });

  it("that is binary costs one warning", () => {
    const warnings: string[] = [];
    expect(
      readAll(
        (frame, found, warn) => decodeJsonRpc(frame, found, warn, () => expect.unreachable()),
        new ArrayBuffer(8),
        (line) => warnings.push(line),
      ),
    ).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it("survives values that cannot become a text", () => {
    const odd = { toString: 1, valueOf: 2 };
    const { envelopes } = decode({
      method: "incoming.message",
      params: { mid: odd, body: { module_id: odd, command: "c" }, sender: odd },
    });
    expect(envelopes[0]).toMatchObject({ mid: "", event_: null });
  });
});

describe("encodeJsonRpc()", () => {
  const call = (method: string) => ({ method, params: {} });

  it("writes one call, or a batch with ids that count on", () => {
    expect(encodeJsonRpc([call("ping")], 6, false)).toBe(
      '{"jsonrpc":"2.0","method":"ping","params":{},"id":6}',
    );
    expect(encodeJsonRpc([call("a"), call("b")], 4, true)).toBe(
      '[{"jsonrpc":"2.0","method":"a","params":{},"id":4},{"jsonrpc":"2.0","method":"b","params":{},"id":5}]',
    );
  });
});
