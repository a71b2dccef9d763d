import { resolve } from "node:path";
import protobuf from "protobufjs";

/** The schema, read by an implementation that is not ours. */
export const schema = protobuf.loadSync(resolve(import.meta.dirname, "../../src/codec/protobuf/pull.proto"));
const ResponseBatch = schema.lookupType("ResponseBatch");
const RequestBatch = schema.lookupType("RequestBatch");

/** A message as a server sends it; what is undefined is left out. */
export interface OutgoingMessage {
  id?: Uint8Array;
  body?: string;
  expiry?: number;
  created?: number;
  sender?: { type?: number; id?: Uint8Array };
}

export interface IncomingMessage {
  receivers: { id: Uint8Array; signature?: Uint8Array }[];
  body: string;
  expiry: number;
}

/** A batch of responses, each with messages. */
export function encodeResponses(responses: OutgoingMessage[][]): Uint8Array {
  const batch = { responses: responses.map((messages) => ({ outgoingMessages: { messages } })) };
  return Uint8Array.from(ResponseBatch.encode(batch).finish());
}

/** The messages of a frame of responses, in the schema's names. */
export function decodeResponses(frame: Uint8Array): OutgoingMessage[] {
  type Batch = { responses: { outgoingMessages: { messages: OutgoingMessage[] } }[] };
  const { responses } = ResponseBatch.toObject(ResponseBatch.decode(frame)) as Batch;
  return responses.flatMap(({ outgoingMessages }) => outgoingMessages.messages);
}

/** A frame with one event. */
export function protobufFrame(
  module_id: string,
  command: string,
  params: unknown = {},
  { extra = {}, mid = "", type = 2 }: { extra?: object; mid?: string; type?: number } = {},
): Uint8Array {
  const body = JSON.stringify({ module_id, command, params, extra });
  return encodeResponses([[{ id: bytes(mid), body, expiry: 86_400, sender: { type } }]]);
}

export function encodeRequest(messages: IncomingMessage[]): Uint8Array {
  const batch = { requests: [{ incomingMessages: { messages } }] };
  return Uint8Array.from(RequestBatch.encode(batch).finish());
}

/** What the server would read, in the schema's names. */
export function decodeRequest(frame: Uint8Array): {
  requests: { incomingMessages: { messages: IncomingMessage[] } }[];
} {
  return RequestBatch.toObject(RequestBatch.decode(frame), { arrays: true }) as ReturnType<
    typeof decodeRequest
  >;
}

export const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
export const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
/** As a socket hands it over. */
export const buffer = (data: Uint8Array): ArrayBuffer => new Uint8Array(data).buffer as ArrayBuffer;
