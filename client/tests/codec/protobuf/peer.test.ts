import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeProtobuf, encodeProtobuf } from "../../../src/codec/protobuf";
import { readAll } from "../../support/decode";
import {
  buffer,
  decodeRequest,
  encodeRequest,
  encodeResponses,
  hex,
  type OutgoingMessage,
} from "../../support/protobuf";

/** Batches that each direction is tried with. */
const RUNS = { numRuns: 6000, seed: 20_261_122 };

const id = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const body = fc
  .record({
    module_id: fc.string({ minLength: 1 }),
    command: fc.string(),
    params: fc.dictionary(
      fc.string(),
      fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.constant(null)),
    ),
  })
  .map((event) => JSON.stringify(event));
const uint32 = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 0xffff_ffff }));

it("reads what protobufjs writes", () => {
  const message = fc.record({
    id: id(13),
    body,
    expiry: uint32,
    created: uint32,
    sender: fc.record({ type: fc.constantFrom(0, 1, 2), id: fc.uint8Array({ maxLength: 20 }) }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(message, { maxLength: 3 }), { maxLength: 3 }), (responses) => {
      const warnings: string[] = [];
      const envelopes = readAll(
        decodeProtobuf,
        buffer(encodeResponses(responses as OutgoingMessage[][])),
        (line) => warnings.push(line),
      );
      expect(warnings).toEqual([]);
      expect(envelopes).toEqual(
        responses.flat().map((sent) => {
          const event = JSON.parse(sent.body);
          return {
            mid: hex(sent.id),
            sender_: { type: sent.sender.type, id: hex(sent.sender.id) },
            event_: { ...event, module_id: event.module_id.toLowerCase(), extra: {} },
          };
        }),
      );
    }),
    RUNS,
  );
}, 60_000);

it("writes, byte for byte, what protobufjs writes and reads", () => {
  const message = fc.record({
    receivers: fc.array(
      fc.record({ id: id(16), signature: fc.uint8Array({ minLength: 1, maxLength: 32 }) }),
      {
        maxLength: 3,
      },
    ),
    body,
    expiry: uint32,
  });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
      const frame = encodeProtobuf(
        messages.map(({ receivers, body, expiry }) => ({
          receivers_: receivers.map((receiver) => `${hex(receiver.id)}.${hex(receiver.signature)}`),
          body_: body,
          expiry_: expiry,
        })),
      );
      expect(hex(frame)).toBe(hex(encodeRequest(messages)));
      const { messages: read } = decodeRequest(frame).requests[0]?.incomingMessages ?? {};
      expect(read?.map(({ body }) => body)).toEqual(messages.map(({ body }) => body));
    }),
    RUNS,
  );
}, 60_000);
