import { describe, expect, it } from "vitest";
import { decodeProtobuf, encodeProtobuf } from "../../../src/codec/protobuf";
import { readAll } from "../../support/decode";
import {
  buffer,
  bytes,
  decodeResponses,
  encodeResponses,
  hex,
  type OutgoingMessage,
  protobufFrame,
} from "../../support/protobuf";

function decode(frame: Uint8Array | string) {
  const warnings: string[] = [];
  const envelopes = readAll(decodeProtobuf, typeof frame === "string" ? frame : buffer(frame), (line) =>
    warnings.push(line),
  );
  return { warnings, envelopes, commands: envelopes.map(({ event_: event }) => event?.command ?? null) };
}

const mid = (n: number) => `1795341600${String(n).padStart(16, "0")}`;
const message = (command: string, change: OutgoingMessage = {}): OutgoingMessage => ({
  id: bytes(mid(1)),
  body: JSON.stringify({ module_id: "m", command, params: {}, extra: {} }),
  sender: { type: 2 },
  ...change,
});

/** Seen on a live server of version 4. */
const RECORDED =
  "CrsDCrgDCrUDCg0XEElBBAAAA5dAcUMmEpYDeyJtb2R1bGVfaWQiOiJhcHBsaWNhdGlvbiIsImNvbW1hbmQiOiJsYWJfcHJvYmUiLCJwYXJhbXMiOnsibGFiIjp7ImlkIjoiYzhhMWJiZTMtOGM4Ni03YWMwLWFmZDEtYTM2MmRkNDAwMTAxIiwiZnJvbSI6InF6NGs5IiwiZnJvbUNvZGVjIjoidmVuZG9yZWQiLCJ0byI6bnVsbCwic2VxIjoxNiwic2VudEF0IjoxNzkwMDcyNDM3NzMxLCJwYXlsb2FkIjp7InByb2JlIjoic2hhcmVkIiwiYXQiOjE3OTAwNzI0Mzc3MzF9fX0sImV4dHJhIjp7InNlcnZlcl90aW1lIjoiMjAyNi0wOS0yMlQxMzoyMDozOCswMzowMCIsInNlcnZlcl90aW1lX3VuaXgiOjE3OTAwNzI0MzguMTUxNzU5LCJzZXJ2ZXJfbmFtZSI6ImIyNC1zYW1wbGUuYml0cml4MjQucnUiLCJyZXZpc2lvbl93ZWIiOjE5LCJyZXZpc2lvbl9tb2JpbGUiOjN9fRiAowUldlayaioCCAI=";

describe("a recorded frame", () => {
  const frame = new Uint8Array(Buffer.from(RECORDED, "base64"));

  it("is one event of the back end", () => {
    const { envelopes, warnings } = decode(frame);
    expect(warnings).toEqual([]);
    expect(envelopes).toMatchObject([
      {
        mid: "17104941040000039740714326",
        sender_: { type: 2, id: "" },
        event_: {
          module_id: "application",
          command: "lab_probe",
          params: { lab: { seq: 16, sentAt: 1790072437731, to: null, payload: { probe: "shared" } } },
          extra: {
            server_name: "b24-sample.bitrix24.ru",
            revision_web: 19,
            server_time_unix: 1790072438.151759,
          },
        },
      },
    ]);
  });

  it("is kept for a day, as its other reader says", () => {
    expect(decodeResponses(frame)).toMatchObject([{ expiry: 86_400, created: 1_790_072_438 }]);
  });
});

describe("what is around messages", () => {
  it.each([
    ["a message that is longer than what it is in", "0a040a020a09"],
    ["messages that are longer than what they are in", "0a020a09"],
    ["a number without an end", "0a060a04ffffffff"],
    ["a type that there is not", "0a040a020f00"],
    ["a message that is a number", "0a040a020805", 0],
  ])("costs what it holds when it is damaged: %s", (_, damage, count = 1) => {
    const frame = new Uint8Array([...protobufFrame("m", "a"), ...bytes(damage), ...protobufFrame("m", "b")]);
    const { commands, warnings } = decode(frame);
    expect(commands).toEqual(["a", "b"]);
    expect(warnings).toHaveLength(count);
    for (const line of warnings) expect(line).toMatch(/^part of a frame cannot be read: \d+ bytes at \d+$/);
  });

  it("keeps the messages in front of the damage", () => {
    const whole = encodeResponses([[message("a"), message("b")]]);
    const content = [...whole.subarray(6), 0x0a, 0x7f];
    const varint = (n: number) => [(n & 127) | 128, n >> 7];
    const response = [0x0a, ...varint(content.length), ...content];
    const frame = new Uint8Array([0x0a, ...varint(response.length), ...response, ...protobufFrame("m", "c")]);
    expect(decode(frame)).toMatchObject({ commands: ["a", "b", "c"], warnings: [expect.any(String)] });
  });
});

describe("a protobuf frame", () => {
  it("is read whether its messages are in one batch, in several responses, or in batches one after another", () => {
    const whole = encodeResponses([[message("a"), message("b")], [message("c")]]);
    const joined = new Uint8Array([...whole, ...protobufFrame("m", "d")]);
    expect(decode(joined)).toMatchObject({ commands: ["a", "b", "c", "d"], warnings: [] });
  });

  it("may have an empty batch, and responses of other kinds", () => {
    expect(decode(new Uint8Array())).toMatchObject({ commands: [], warnings: [] });
    // channelStats with one channel, then a statistic as JSON.
    expect(decode(bytes("0a081206 0a04 0a02abcd 0a061a04 0a027b7d".replace(/ /g, "")))).toMatchObject({
      commands: [],
      warnings: [],
    });
  });

  it("has its unknown fields skipped, whatever their type", () => {
    const inner = encodeResponses([[message("a")]]).subarray(6);
    const unknown = bytes("98062a a106 0102030405060708 aa060361626 3 b50601020304".replace(/ /g, ""));
    const length = inner.length + unknown.length;
    const varint = (n: number) => [(n & 127) | 128, n >> 7];
    const parts = [0x0a, ...varint(length), ...inner, ...unknown];
    const response = [0x0a, ...varint(parts.length), ...parts];
    expect(decode(new Uint8Array([0x0a, ...varint(response.length), ...response]))).toMatchObject({
      commands: ["a"],
      warnings: [],
    });
  });

  it("takes the sender's id as hex", () => {
    const frame = encodeResponses([[message("a", { sender: { type: 1, id: bytes("00ff10") } })]]);
    expect(decode(frame).envelopes[0]?.sender_).toEqual({ type: 1, id: "00ff10" });
  });

  it("keeps any text as it was", () => {
    const text = "ž\u2028😀\0\u007f";
    const body = JSON.stringify({ module_id: "m", command: "c", params: { text } });
    expect(decode(encodeResponses([[message("c", { body })]])).envelopes[0]?.event_?.params).toEqual({
      text,
    });
  });

  it("replaces an extra that is no object", () => {
    for (const extra of [[], "x", null, 7]) {
      const body = JSON.stringify({ module_id: "m", command: "c", extra });
      expect(decode(encodeResponses([[message("c", { body })]])).envelopes[0]?.event_?.extra).toEqual({});
    }
  });
});

describe("a damaged message", () => {
  it.each([
    ["without a sender", { sender: undefined as never }],
    ["with a list for a body", { body: "[1]" }],
    ["with a text for a body", { body: '"text"' }],
    ["with null for a body", { body: "null" }],
    ["with a body that is not JSON", { body: "{secret" }],
    ["without a body", { body: undefined as never }],
    ["with a body that is no event", { body: '{"command":"c"}' }],
  ])("%s is dropped alone, keeps its position, and is reported by length and place", (_, change) => {
    const damaged = message("x", { ...change, id: bytes(mid(7)) });
    const frame = encodeResponses([[message("a"), damaged, message("b")]]);
    const { commands, warnings, envelopes } = decode(frame);
    expect(commands).toEqual(["a", null, "b"]);
    expect(envelopes[1]?.mid).toBe(mid(7));
    expect(warnings).toEqual([
      expect.stringMatching(/^message 2 of a frame cannot be read: \d+ bytes at \d+$/),
    ]);
  });

  it.each([
    ["text", 15, 0x7f],
    ["id", 1, 0x7e],
  ])("whose %s is longer than itself is dropped alone", (_, place, length) => {
    const good = message("a");
    const frame = encodeResponses([[good, message("secret"), good]]);
    const inner = hex(encodeResponses([[message("secret")]])).slice(12);
    const broken = bytes(inner);
    broken[place] = length;
    const at = hex(frame).indexOf(inner) / 2;
    frame.set(broken, at);
    const { commands, warnings } = decode(frame);
    expect(commands).toEqual(["a", "a"]);
    expect(warnings).toEqual([`message 2 of a frame cannot be read: ${broken.length} bytes at ${at}`]);
  });

  it("costs nothing but itself when its sender is cut off", () => {
    const frame = encodeResponses([[message("x", { sender: { type: 1, id: bytes("abcd") } }), message("a")]]);
    const at = hex(frame).indexOf("2a0608011202abcd") / 2;
    expect(at).toBeGreaterThan(0);
    frame[at + 5] = 9;
    expect(decode(frame)).toMatchObject({ commands: ["a"], warnings: [expect.any(String)] });
  });
});

describe("a frame cut off at its end", () => {
  it("yields nothing and one warning, wherever it was cut", () => {
    const frame = encodeResponses([[message("a"), message("b")], [message("c")]]);
    const first = encodeResponses([[message("a"), message("b")]]).length;
    for (let length = 1; length < frame.length; length++) {
      const { commands, warnings } = decode(frame.subarray(0, length));
      // Batches one after another are one batch: only there it cannot be told.
      if (length === first) expect(commands).toEqual(["a", "b"]);
      else
        expect([length, commands, warnings]).toEqual([
          length,
          [],
          [`a frame cannot be read: ${length} bytes at 0`],
        ]);
    }
  });

  it("is what a text is taken for, its length told", () => {
    expect(decode("#!NGINXNMS!#{}#!NGINXNME!#")).toMatchObject({
      commands: [],
      warnings: [expect.any(String)],
    });
  });
});

describe("encodeProtobuf()", () => {
  const receiver = "c64487572ffb2a7da19d5c72edaa57d1.c021c5b9b748aa313aa03fda120b482cedb9d0b2";
  const body = (command: string, params: object) => JSON.stringify({ module_id: "test", command, params });

  it.each([
    [
      "one message, kept for a minute",
      [{ receivers_: [receiver], body_: body("hello", { from: 1 }), expiry_: 60 }],
      "0a6c0a6a0a680a280a10c64487572ffb2a7da19d5c72edaa57d11a14c021c5b9b748aa313aa03fda120b482cedb9d0b21a3a7b226d6f64756c655f6964223a2274657374222c22636f6d6d616e64223a2268656c6c6f222c22706172616d73223a7b2266726f6d223a317d7d203c",
    ],
    [
      "two, kept for no time at all",
      [
        { receivers_: [receiver], body_: body("b1", {}), expiry_: 0 },
        { receivers_: [receiver], body_: body("b2", {}), expiry_: 0 },
      ],
      "0ac1010abe010a5d0a280a10c64487572ffb2a7da19d5c72edaa57d11a14c021c5b9b748aa313aa03fda120b482cedb9d0b21a2f7b226d6f64756c655f6964223a2274657374222c22636f6d6d616e64223a226231222c22706172616d73223a7b7d7d20000a5d0a280a10c64487572ffb2a7da19d5c72edaa57d11a14c021c5b9b748aa313aa03fda120b482cedb9d0b21a2f7b226d6f64756c655f6964223a2274657374222c22636f6d6d616e64223a226232222c22706172616d73223a7b7d7d2000",
    ],
  ])("writes %s as a shipped client does", (_, messages, expected) => {
    expect(hex(encodeProtobuf(messages))).toBe(expected);
  });

  it.each(["", "."])("writes no signature where nothing is signed: %j behind the id", (rest) => {
    const frame = encodeProtobuf([{ receivers_: ["ab".repeat(16) + rest], body_: "{}", expiry_: 0 }]);
    expect(hex(frame)).toBe(`0a1e0a1c0a1a0a120a10${"ab".repeat(16)}1a027b7d2000`);
  });
});
