import { quietly } from "../../quietly";
import { toEvent } from "../event";
import type { Decode, Envelope } from "../types";
import { readOutgoingMessage, readSender, writeIncomingMessage, writeReceiver } from "./messages";
import { PbfReader, PbfWriter } from "./pbf";

/** A message to publish. */
export interface Message {
  /** Public ids in hex, each with its signature behind a dot, if there is one. */
  receivers_: readonly string[];
  /** The event as JSON. */
  body_: string;
  /** How long the server keeps it, seconds. */
  expiry_: number;
}

/** Reads one message, all of it; throws when it is cut off. */
function read<T>(fields: (pbf: PbfReader, end: number) => T, bytes: Uint8Array): T {
  const pbf = new PbfReader(bytes);
  const message = fields(pbf, bytes.length);
  // pbf reads on behind the end without a word.
  if (pbf.pos_ !== bytes.length) throw new RangeError();
  return message;
}

function write<T>(fields: (message: T, pbf: PbfWriter) => void, message: T): Uint8Array {
  const pbf = new PbfWriter();
  fields(message, pbf);
  return pbf.finish_();
}

const toHex = (bytes: Uint8Array | undefined) =>
  Array.from(bytes || [], (byte) => byte.toString(16).padStart(2, "0")).join("");

const fromHex = (hex: string | undefined) =>
  hex ? Uint8Array.from(hex.match(/../g) as string[], (byte) => Number.parseInt(byte, 16)) : undefined;

/**
 * Number of the only field looked at in what is around messages: responses, outgoingMessages, messages; and of the
 * one written: requests, incomingMessages, messages.
 */
const INNER = 1;
const LENGTH_DELIMITED = 2;

/** What the field holds, up to where the bytes are damaged. */
function innerOf(bytes: Uint8Array): [parts: Uint8Array[], isWhole: boolean | undefined] {
  const parts: Uint8Array[] = [];
  const pbf = new PbfReader(bytes);
  const isWhole = quietly(() => {
    for (let field = 1; field; ) {
      field = pbf.nextField_(bytes.length);
      const part = field === INNER && pbf.type_ === LENGTH_DELIMITED && pbf.readBytes_();
      if (part && pbf.pos_ <= bytes.length) parts.push(part);
    }
    return pbf.pos_ === bytes.length;
  });
  return [parts, isWhole];
}

/** What holds these parts. */
const around = (parts: readonly Uint8Array[]) =>
  write((_, pbf) => {
    for (const part of parts) pbf.writeBytesField_(INNER, part);
  }, parts);

function toEnvelope(bytes: Uint8Array): Envelope {
  const { id_: id, body_: body, sender_ } = read(readOutgoingMessage, bytes);
  const sender = sender_ && read(readSender, sender_);
  return {
    mid: toHex(id),
    sender_: sender && { type: sender.type_, id: toHex(sender.id_) },
    event_: sender ? toEvent(quietly(() => JSON.parse(new TextDecoder().decode(body)))) : null,
  };
}

/** Reads protobuf frames, protocol.md §6. */
export const decodeProtobuf: Decode = (frame, warn) => {
  const envelopes: Envelope[] = [];
  // A text is no frame of this kind, and its bytes tell so.
  const batch = typeof frame === "string" ? new TextEncoder().encode(frame) : new Uint8Array(frame);
  const report = (what: string, { length, byteOffset }: Uint8Array) =>
    warn(`${what} cannot be read: ${length} bytes at ${byteOffset}`);
  /** The parts of parts; what is damaged costs what comes behind it. */
  const inner = (outer: readonly Uint8Array[]) => {
    const found: Uint8Array[] = [];
    for (const bytes of outer) {
      const [parts, isWhole] = innerOf(bytes);
      if (!isWhole) report("part of a frame", bytes);
      for (const part of parts) found.push(part);
    }
    return found;
  };

  const [responses, isWhole] = innerOf(batch);
  // It was cut off: where is unknown.
  if (!isWhole) report("a frame", batch);
  for (const [index, message] of inner(inner(isWhole ? responses : [])).entries()) {
    const envelope = quietly(() => toEnvelope(message));
    if (envelope) envelopes.push(envelope);
    if (!envelope?.event_) report(`message ${index + 1} of a frame`, message);
  }
  return envelopes;
};

/** Writes a batch of messages to publish. */
export function encodeProtobuf(batch: readonly Message[]): Uint8Array {
  const messages = batch.map(({ receivers_: receivers, body_: body, expiry_ }) =>
    write(writeIncomingMessage, {
      receivers_: receivers.map((receiver) => {
        const [id, signature] = receiver.split(".");
        return write(writeReceiver, { id_: fromHex(id), signature_: fromHex(signature) });
      }),
      body_: new TextEncoder().encode(body),
      expiry_,
    }),
  );
  return around([around([around(messages)])]);
}
