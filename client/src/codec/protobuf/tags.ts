/**
 * The tags of the fields that a browser reads and writes, by message of pull.proto: eight times the field's number
 * and its wire type. All others are unknown here, and skipped.
 */
export enum OutgoingMessage {
  id = 0x0a,
  body = 0x12,
  sender = 0x2a,
}

export enum Sender {
  type = 0x08,
  id = 0x12,
}

export enum IncomingMessage {
  receivers = 0x0a,
  body = 0x1a,
  expiry = 0x20,
}

export enum Receiver {
  id = 0x0a,
  signature = 0x1a,
}

/**
 * The field that leads to messages at every level around them: responses, outgoingMessages, messages, and requests,
 * incomingMessages, messages.
 */
export const INNER = 0x0a;
