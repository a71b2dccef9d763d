import { quietly } from "../../quietly";
import { toEvent } from "../event";
import { AT_ONCE, type Decode, type Envelope } from "../types";
import { INNER, IncomingMessage, OutgoingMessage, Receiver, Sender } from "./tags";
import { bytesField, numberField, type OnField, readFields } from "./wire";

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

function toHex(bytes: Uint8Array, start: number, end: number): string {
  let hex = "";
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number;
    hex += hexOf[byte] ||= (byte + 256).toString(16).slice(1);
  }
  return hex;
}

/** The JSON in these bytes; undefined where there is none. */
const parse = (bytes: Uint8Array | undefined): unknown =>
  quietly(() => {
    decoder ||= new TextDecoder();
    return JSON.parse(decoder.decode(bytes));
  });

/** Levels around messages. */
const LEVELS = 3;

/** Reads protobuf frames: pull.proto. */
export const decodeProtobuf: Decode = (frame, envelopes, warn) => {
  // A text is no frame of this kind, and its bytes tell so.
  const bytes = typeof frame === "string" ? new TextEncoder().encode(frame) : new Uint8Array(frame);
  /** What is to be read: how many levels it is around messages, where it begins and ends; the next one is the last. */
  const parts: [number, number, number][] = [[LEVELS, 0, bytes.length]];
  let count = 0;
  // The last value of each field of a message: filled in by functions that are made once for all of them.
  let mid: string;
  let body: Uint8Array | undefined;
  let from: number;
  let to: number;
  let sender: Envelope["sender_"] & object;
  const onField: OnField = (tag, _, first, last) => {
    if (tag === OutgoingMessage.id) mid = toHex(bytes, first, last);
    else if (tag === OutgoingMessage.body) body = bytes.subarray(first, last);
    else if (tag === OutgoingMessage.sender) {
      from = first;
      to = last;
    }
  };
  const onSenderField: OnField = (tag, value, first, last) => {
    if (tag === Sender.type) sender.type = value;
    else if (tag === Sender.id) sender.id = toHex(bytes, first, last);
  };

  /** Undefined when the message is damaged. */
  function toEnvelope(start: number, end: number): Envelope | undefined {
    mid = "";
    body = undefined;
    from = to = 0;
    sender = { type: 0, id: "" };
    return readFields(bytes, start, end, onField) && readFields(bytes, from, to, onSenderField)
      ? { mid, sender_: sender, event_: to ? toEvent(parse(body)) : null }
      : undefined;
  }

  const report = (what: string, start: number, end: number) =>
    warn(`${what} cannot be read: ${end - start} bytes at ${start}`);

  return () => {
    for (let left = AT_ONCE; left > 0 && parts[0]; left--) {
      const [levels, start, end] = parts.pop() as [number, number, number];
      if (levels) {
        const inner: typeof parts = [];
        const isWhole = readFields(bytes, start, end, (tag, _, first, last) => {
          if (tag === INNER) inner.push([levels - 1, first, last]);
        });
        if (!isWhole) report(levels === LEVELS ? "a frame" : "part of a frame", start, end);
        // Of a frame that was cut off, it is unknown where: it yields nothing.
        if (isWhole || levels < LEVELS) while (inner[0]) parts.push(inner.pop() as (typeof parts)[0]);
      } else {
        count++;
        const envelope = toEnvelope(start, end);
        if (envelope) envelopes.push(envelope);
        if (!envelope?.event_) report(`message ${count} of a frame`, start, end);
        left -= end - start;
      }
    }
    return parts.length > 0;
  };
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
