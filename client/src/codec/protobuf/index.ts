import { quietly } from "../../quietly";
import { toEvent } from "../event";
import type { Decode, Envelope } from "../types";
import {
  readOutgoingMessage,
  readOutgoingMessagesResponse,
  readResponse,
  readResponseBatch,
  readSender,
  writeIncomingMessage,
  writeIncomingMessagesRequest,
  writeReceiver,
  writeRequest,
  writeRequestBatch,
} from "./messages";
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

/** Messages of a batch, each by itself; throws when what is around them is damaged. */
function messagesOf(batch: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (const response of read(readResponseBatch, batch).responses_) {
    const { outgoingMessages_: outgoing } = read(readResponse, response);
    if (outgoing) {
      for (const message of read(readOutgoingMessagesResponse, outgoing).messages_) messages.push(message);
    }
  }
  return messages;
}

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
  const bytes = typeof frame === "string" ? new TextEncoder().encode(frame) : new Uint8Array(frame);
  const messages = quietly(() => messagesOf(bytes));
  if (!messages) warn(`a frame of ${bytes.length} bytes cannot be read`);
  for (const [index, message] of (messages || []).entries()) {
    const envelope = quietly(() => toEnvelope(message));
    if (envelope) envelopes.push(envelope);
    if (!envelope?.event_) {
      warn(
        `message ${index + 1} of a frame cannot be read: ${message.length} bytes at ${message.byteOffset}`,
      );
    }
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
  const incoming = write(writeIncomingMessagesRequest, { messages_: messages });
  return write(writeRequestBatch, { requests_: [write(writeRequest, { incomingMessages_: incoming })] });
}
