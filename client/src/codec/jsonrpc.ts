import { quietly } from "../quietly";
import { isObject } from "../values";
import { toEvent, toMid } from "./event";
import type { Envelope, Frame, Warn } from "./types";

/** A method called on the server. */
export interface Call {
  method: string;
  params: object;
}

/** The server's answer to a call. */
export interface Reply {
  id: unknown;
  result?: unknown;
  /** Set when the server refuses. */
  error?: { code: number; message: string } | undefined;
}

type Sender = Envelope["sender_"];

const NOTHING: Record<string, unknown> = {};

/**
 * Reads a JSON-RPC frame: one message or a batch. What is neither an event nor an answer is dropped alone.
 *
 * @param onReply - gets the answers
 */
export function decodeJsonRpc(frame: Frame, warn: Warn, onReply: (reply: Reply) => void): Envelope[] {
  const envelopes: Envelope[] = [];
  const content: unknown = quietly(() => JSON.parse(frame as string));
  let count = 0;
  for (const message of Array.isArray(content) ? content : [content]) {
    count++;
    const { method, params, id } = isObject(message) ? message : NOTHING;
    let isGood = !method && id !== undefined;
    if (isGood) {
      onReply(message as unknown as Reply);
    } else if (method === "incoming.message") {
      const { mid, body, sender, user_params, dictionary } = isObject(params) ? params : NOTHING;
      const event = toEvent(body);
      if (event && (dictionary || user_params)) {
        event.params = { ...(event.params as object), ...(dictionary as object), ...(user_params as object) };
      }
      envelopes.push({
        mid: toMid(mid),
        sender_: isObject(sender) ? (sender as Sender) : undefined,
        event_: event,
      });
      isGood = !!event;
    }
    if (!isGood) warn(`message ${count} of a frame cannot be read`);
  }
  return envelopes;
}

/**
 * Writes calls as one frame.
 *
 * @param firstId - id of the first call; the others count on
 * @param batch - as an array, also of a single call
 */
export function encodeJsonRpc(calls: readonly Call[], firstId: number, batch: boolean): string {
  const requests = calls.map((call, index) => ({ jsonrpc: "2.0", ...call, id: firstId + index }));
  return JSON.stringify(batch ? requests : requests[0]);
}
