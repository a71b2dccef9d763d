import { describe, expect, it } from "vitest";
import { decodeJsonRpc } from "../../src/codec/jsonrpc";
import { decodeProtobuf } from "../../src/codec/protobuf";
import { decodeText } from "../../src/codec/text";
import type { Decode, Envelope, Frame } from "../../src/codec/types";
import { frame, rpcFrame } from "../support/page";
import { buffer, bytes, encodeResponses } from "../support/protobuf";

const COUNT = 300;
const NUMBERS = Array.from({ length: COUNT }, (_, n) => n);
/** A kilobyte, of what looks like ends and beginnings of messages. */
const PARAMS = (n: number) => ({
  n,
  list: [{ a: 1 }, { jsonrpc: "2.0", method: "incoming.message", params: { body: [{}] } }],
  text: '"},{"jsonrpc":"2.0","method":"incoming.message"}]'.repeat(20),
});
const MID = (n: number) => String(n).padStart(26, "0");

const onReply = (): void => expect.unreachable();
const decodeRpc: Decode = (data, envelopes, warn) => decodeJsonRpc(data, envelopes, warn, onReply);

/** A frame of these messages, of which `bad` cannot be read. */
type Make = (bad?: number) => Frame;
const FORMATS: [string, Decode, Make][] = [
  [
    "text",
    decodeText,
    (bad) =>
      NUMBERS.map((n) => frame("m", "c", PARAMS(n), {}, MID(n)))
        .map((text, n) => (n === bad ? text.replace("{", "") : text))
        .join(""),
  ],
  [
    "JSON-RPC",
    decodeRpc,
    (bad) => `[${NUMBERS.map((n) => (n === bad ? "[]" : rpcFrame("m", "c", PARAMS(n), { mid: MID(n) })))}]`,
  ],
  [
    "protobuf",
    decodeProtobuf,
    (bad) =>
      buffer(
        encodeResponses(
          NUMBERS.map((n) => [
            {
              id: bytes(MID(n)),
              body: n === bad ? "{" : JSON.stringify({ module_id: "m", command: "c", params: PARAMS(n) }),
              sender: { type: 2 },
            },
          ]),
        ),
      ),
  ],
];

/** What each step reads, and what is said. */
function steps(decode: Decode, data: Frame) {
  const envelopes: Envelope[] = [];
  const warnings: string[] = [];
  const counts: number[] = [];
  const read = decode(data, envelopes, (line) => warnings.push(line));
  for (let isMore = true; isMore; counts.push(envelopes.length)) isMore = read();
  const numbers = envelopes.map(({ event_: event }) => (event ? (event.params as { n: number }).n : null));
  return { counts, warnings, numbers, envelopes };
}

describe.each(FORMATS)("a long %s frame", (_, decode, make) => {
  it("is read in steps, each of a part of it, in order and to the end", () => {
    const { counts, warnings, numbers } = steps(decode, make());
    expect(numbers).toEqual(NUMBERS);
    expect(warnings).toEqual([]);
    expect(counts.length).toBeGreaterThan(3);
    const sizes = counts.map((count, index) => count - (counts[index - 1] ?? 0));
    expect(Math.max(...sizes)).toBeLessThan(COUNT / 3);
  });

  it.each([0, 150, COUNT - 1])("costs only what cannot be read: message %i", (bad) => {
    const { warnings, numbers } = steps(decode, make(bad));
    expect(numbers.filter((n) => n !== null)).toEqual(NUMBERS.filter((n) => n !== bad));
    expect(warnings).toEqual([expect.stringContaining(`message ${bad + 1} of a frame`)]);
  });
});

describe("a long batch", () => {
  const make = (change: (text: string) => string) => change(FORMATS[1]?.[2]() as string);

  it.each([
    ["without its beginning", (text: string) => text.slice(1)],
    ["with holes", (text: string) => text.replace(/,\{"jsonrpc":"2.0","method":"inc/g, ",")],
  ])("that is no JSON holds no events: %s", (_, change) => {
    const { envelopes, warnings } = steps(decodeRpc, make(change));
    expect(envelopes).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("message 1 of a frame")]);
  });

  it.each([
    ["cut off", (text: string) => text.slice(0, -2000)],
    ["without its end", (text: string) => text.slice(0, -1)],
    ["with more behind it", (text: string) => `${text}]`],
  ])("is read up to what is no JSON: %s", (_, change) => {
    const { numbers, warnings } = steps(decodeRpc, make(change));
    expect(numbers.length).toBeGreaterThan(COUNT / 2);
    expect(numbers).toEqual(NUMBERS.slice(0, numbers.length));
    expect(warnings).toEqual([expect.stringContaining(`message ${numbers.length + 1} of a frame`)]);
  });

  it("is read in one go where nothing tells its messages apart", () => {
    const { counts, numbers } = steps(
      decodeRpc,
      make((text) => JSON.stringify(JSON.parse(text), null, 1)),
    );
    expect([counts, numbers]).toEqual([[COUNT], NUMBERS]);
  });
});

it("reads a single long message as one", () => {
  const params = { n: 7, list: NUMBERS.map(PARAMS) };
  for (const [decode, data] of [
    [decodeText, frame("m", "c", params)],
    [decodeRpc, rpcFrame("m", "c", params)],
    [decodeRpc, `[${rpcFrame("m", "c", params)}]`],
  ] as const)
    expect(steps(decode, data)).toMatchObject({ numbers: [7], warnings: [] });
});
