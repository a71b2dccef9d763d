import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { decodeJsonRpc } from "../../src/codec/jsonrpc";
import { decodeProtobuf } from "../../src/codec/protobuf";
import { decodeText } from "../../src/codec/text";
import type { Decode } from "../../src/codec/types";
import { readAll } from "../support/decode";
import { frame, rpcFrame } from "../support/page";
import { buffer, bytes, encodeResponses, protobufFrame } from "../support/protobuf";

/** A long run is asked for by its size, which the properties share, and its seed. */
const { BXPULL_FUZZ, BXPULL_FUZZ_SEED } = process.env;
const PROPERTIES = 10;
const numRuns = BXPULL_FUZZ ? Math.ceil(Number(BXPULL_FUZZ) / PROPERTIES) : 3000;
const RUNS = { numRuns, seed: Number(BXPULL_FUZZ_SEED ?? 20_261_122) };
if (BXPULL_FUZZ) vi.setConfig({ testTimeout: 0 });

const MID = "17953416000000000000000007";

const text = frame("m", "a", { text: "x" }) + frame("m", "b", [1]) + frame("m", "c");
const rpc = `[${rpcFrame("m", "a", {}, { dictionary: { d: 1 } })},{"id":1,"result":2},${rpcFrame("m", "b")}]`;
const protobuf = new Uint8Array([
  ...encodeResponses([
    [
      {
        id: bytes(MID),
        body: '{"module_id":"m","command":"a"}',
        expiry: 86_400,
        created: 1,
        sender: { type: 2 },
      },
      {
        id: bytes(MID),
        body: '{"module_id":"m","command":"b","params":[]}',
        sender: { type: 1, id: bytes("ab") },
      },
    ],
  ]),
  ...protobufFrame("m", "c"),
]);

/** Bytes changed, taken out, put in, doubled; the end cut off. */
const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    what: fc.constantFrom("set", "drop", "insert", "double", "cut"),
    value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0x7b, 0x5b, 0x22, 0x2c, 0x7f, 0x80, 0xff)),
  }),
  { minLength: 1, maxLength: 8 },
);
type Mutation = { at: number; what: string; value: number };

function mutated(seed: Uint8Array, changes: Mutation[]): Uint8Array {
  const list = [...seed];
  for (const { at, what, value } of changes) {
    const place = at % (list.length + 1);
    if (what === "set") list[Math.min(place, list.length)] = value;
    else if (what === "drop") list.splice(place, value % 9);
    else if (what === "insert") list.splice(place, 0, value);
    else if (what === "double") list.splice(place, 0, ...list.slice(place, place + 64));
    else list.length = place;
  }
  return Uint8Array.from(list);
}

const latin = (data: Uint8Array) => Buffer.from(data).toString("latin1");
const asText = (data: string) => new Uint8Array(Buffer.from(data, "latin1"));

const decodeRpc: Decode = (data, envelopes, warn) => decodeJsonRpc(data, envelopes, warn, () => {});

const FORMATS: [string, Decode, Uint8Array, (data: Uint8Array) => string | ArrayBuffer][] = [
  ["text", decodeText, asText(text), latin],
  ["JSON-RPC", decodeRpc, asText(rpc), latin],
  ["protobuf", decodeProtobuf, protobuf, buffer],
];

describe.each(FORMATS)("a %s decoder", (_, decode, seed, toFrame) => {
  function check(data: string | ArrayBuffer): void {
    const size = typeof data === "string" ? data.length : data.byteLength;
    let warnings = 0;
    const envelopes = readAll(decode, data, (line) => {
      warnings++;
      expect(line.length).toBeLessThan(120);
    });
    // A message is never shorter than two bytes.
    expect(envelopes.length + warnings).toBeLessThanOrEqual(size + 1);
    for (const { mid, event_: event } of envelopes) {
      expect(typeof mid).toBe("string");
      if (event) {
        expect([typeof event.module_id, typeof event.command]).toEqual(["string", "string"]);
        expect(Object(event.extra)).toBe(event.extra);
      }
    }
    // The next frame is read as if nothing had happened.
    const after = readAll(decode, toFrame(seed), () => expect.unreachable());
    expect(after.every(({ event_: event }) => event)).toBe(true);
  }

  it("throws nothing and reads the next frame, whatever became of a good one", () => {
    fc.assert(
      fc.property(mutations, (changes) => check(toFrame(mutated(seed, changes)))),
      RUNS,
    );
  });

  it("throws nothing at random frames", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => check(toFrame(data))),
      RUNS,
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (data) => check(data)),
      RUNS,
    );
  });

  it("takes no longer than its size allows", () => {
    for (const piece of ["0a00", "0a", "ff", "00", "0a0a", "5b", "7b22", "5b5d2c"]) {
      const data = bytes(piece.repeat(300_000));
      const started = performance.now();
      readAll(decode, toFrame(data), () => {});
      expect(performance.now() - started).toBeLessThan(5000);
    }
  });
});

it("decodes values of any kind where others belong", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (mid, body, more) => {
      const message = { method: "incoming.message", params: { mid, body, sender: more, dictionary: more } };
      const event = { module_id: body, command: more, params: mid, extra: body };
      readAll(decodeRpc, JSON.stringify(message), () => {});
      const withEvent = { ...message, params: { ...message.params, body: event } };
      readAll(decodeRpc, JSON.stringify(withEvent), () => {});
      readAll(
        decodeText,
        `#!NGINXNMS!#${JSON.stringify({ mid, text: body, tag: more })}#!NGINXNME!#`,
        () => {},
      );
      readAll(decodeText, `#!NGINXNMS!#${JSON.stringify({ mid, text: event })}#!NGINXNME!#`, () => {});
      readAll(
        decodeProtobuf,
        buffer(encodeResponses([[{ body: JSON.stringify(event), sender: {} }]])),
        () => {},
      );
    }),
    RUNS,
  );
});
