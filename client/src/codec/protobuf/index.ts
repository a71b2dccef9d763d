import { quietly } from "../../quietly";
import { toEvent } from "../event";
import type { Decode, Envelope } from "../types";
import { INNER, IncomingMessage, OutgoingMessage, Receiver, Sender } from "./tags";
import { bytesField, numberField, readFields, type Value } from "./wire";

/** A message to publish. */
export interface Message {
  /** Public ids in hex, each with its signature behind a dot, if there is one. */
  receivers_: readonly string[];
  /** The event as JSON. */
  body_: string;
  /** How long the server keeps it, seconds. */
  expiry_: number;
}

// Made when first needed: loading the script is to cost nothing.
let decoder: TextDecoder | undefined;
const hexOf: string[] = [];

function toHex(bytes: Value | undefined): string {
  let hex = "";
  if (bytes)
    for (const byte of bytes as Uint8Array) hex += hexOf[byte] ||= (byte + 256).toString(16).slice(1);
  return hex;
}

function toText(bytes: Uint8Array): string {
  decoder ||= new TextDecoder();
  return decoder.decode(bytes);
}

/** Reads a message, all of it, for the last value of each of its fields; throws when it is damaged. */
function readWhole(bytes: Uint8Array): Record<number, Value | undefined> {
  const fields: Record<number, Value> = {};
  const isWhole = readFields(bytes, (tag, value) => {
    fields[tag] = value;
  });
  if (!isWhole) throw new RangeError();
  return fields;
}

function toEnvelope(bytes: Uint8Array): Envelope {
  const message = readWhole(bytes);
  const from = message[OutgoingMessage.sender] as Uint8Array | undefined;
  const sender = from && readWhole(from);
  const body = message[OutgoingMessage.body] as Uint8Array;
  return {
    mid: toHex(message[OutgoingMessage.id]),
    sender_: sender && { type: (sender[Sender.type] as number) || 0, id: toHex(sender[Sender.id]) },
    event_: sender ? toEvent(quietly(() => JSON.parse(toText(body)))) : null,
  };
}

/** Levels around messages. */
const LEVELS = 3;

/** Reads protobuf frames, protocol.md §6. */
export const decodeProtobuf: Decode = (frame, warn) => {
  const envelopes: Envelope[] = [];
  // A text is no frame of this kind, and its bytes tell so.
  const batch = typeof frame === "string" ? new TextEncoder().encode(frame) : new Uint8Array(frame);
  const report = (what: string, { length, byteOffset }: Uint8Array) =>
    warn(`${what} cannot be read: ${length} bytes at ${byteOffset}`);
  let count = 0;

  function readMessage(bytes: Uint8Array): void {
    count++;
    const envelope = quietly(() => toEnvelope(bytes));
    if (envelope) envelopes.push(envelope);
    if (!envelope?.event_) report(`message ${count} of a frame`, bytes);
  }

  /** Reads what is so many levels around messages. */
  function readAround(levels: number, bytes: Uint8Array): void {
    const parts: Uint8Array[] = [];
    const isWhole = readFields(bytes, (tag, value) => {
      if (tag === INNER) parts.push(value as Uint8Array);
    });
    if (!isWhole) report(levels === LEVELS ? "a frame" : "part of a frame", bytes);
    // Of a frame that was cut off, it is unknown where: it yields nothing.
    if (isWhole || levels < LEVELS) {
      for (const part of parts) {
        if (levels > 1) readAround(levels - 1, part);
        else readMessage(part);
      }
    }
  }

  readAround(LEVELS, batch);
  return envelopes;
};

/** A field with the bytes of this hex; nothing where there is none. */
const hexField = (tag: number, hex: string) =>
  hex ? bytesField(tag, [(hex.match(/../g) as string[]).map((byte) => Number(`0x${byte}`))]) : [];

/** Writes a batch of messages to publish. */
export function encodeProtobuf(batch: readonly Message[]): Uint8Array {
  const messages = batch.map(({ receivers_: receivers, body_: body, expiry_ }) =>
    bytesField(INNER, [
      ...receivers.map((receiver) =>
        bytesField(
          IncomingMessage.receivers,
          receiver.split(".").map((hex, index) => hexField(index ? Receiver.signature : Receiver.id, hex)),
        ),
      ),
      bytesField(IncomingMessage.body, [new TextEncoder().encode(body)]),
      numberField(IncomingMessage.expiry, expiry_),
    ]),
  );
  return bytesField(INNER, [bytesField(INNER, messages)]);
}
