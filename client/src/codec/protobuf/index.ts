import { toEvent } from "../event";
import { parseJson } from "../json";
import { AT_ONCE, type Decode, type Envelope } from "../types";
import { INNER, IncomingMessage, OutgoingMessage, Receiver, Sender } from "./tags";
import { bytesField, first, last, numberField, readField, tag, value } from "./wire";

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

/** Levels around those that messages are in. */
const LEVELS = 2;

/** Reads protobuf frames: pull.proto. */
export const decodeProtobuf: Decode = (frame, envelopes, warn) => {
  // A text is no frame of this kind, and its bytes tell so.
  const bytes = typeof frame === "string" ? new TextEncoder().encode(frame) : new Uint8Array(frame);
  /** Where what is being read ends: the frame, and at each level what is in it. */
  const ends = [bytes.length, 0];
  let level = 0;
  let at = 0;
  let count = 0;

  const report = (what: string, start: number, end: number) =>
    warn(`${what} cannot be read: ${end - start} bytes at ${start}`);

  /** Undefined when the message is damaged. */
  function toEnvelope(start: number, end: number): Envelope | undefined {
    let mid = "";
    let body: Uint8Array | undefined;
    let from = 0;
    let to = 0;
    const sender = { type: 0, id: "" };
    for (let next = start; next < end; next = last) {
      if (!readField(bytes, next, end)) return undefined;
      if (tag === OutgoingMessage.id) mid = toHex(bytes, first, last);
      else if (tag === OutgoingMessage.body) body = bytes.subarray(first, last);
      else if (tag === OutgoingMessage.sender) {
        from = first;
        to = last;
      }
    }
    for (let next = from; next < to; next = last) {
      if (!readField(bytes, next, to)) return undefined;
      if (tag === Sender.type) sender.type = value;
      else if (tag === Sender.id) sender.id = toHex(bytes, first, last);
    }
    decoder ||= new TextDecoder();
    return { mid, sender_: sender, event_: to ? toEvent(parseJson(decoder.decode(body))) : null };
  }

  // Of a frame that was cut off, it is unknown where: it yields nothing.
  for (; at < bytes.length; at = last)
    if (!readField(bytes, at, bytes.length)) {
      report("a frame", 0, bytes.length);
      return () => false;
    }
  at = 0;

  return () => {
    for (let left = AT_ONCE; left > 0; left--) {
      const end = ends[level] as number;
      if (at >= end) {
        if (!level--) return false;
      } else if (!readField(bytes, at, end)) {
        report("part of a frame", at, end);
        at = end;
      } else {
        const start = first;
        at = last;
        if (tag !== INNER) continue;
        if (level < LEVELS) {
          ends[++level] = at;
          at = start;
        } else {
          count++;
          const envelope = toEnvelope(start, at);
          if (!(envelope && envelopes.push(envelope) && envelope.event_))
            report(`message ${count} of a frame`, start, at);
          left -= at - start;
        }
      }
    }
    return true;
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
