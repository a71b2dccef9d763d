import { quietly } from "../quietly";
import { isObject } from "../values";
import { toEvent, toMid } from "./event";
import { AT_ONCE, type Envelope, type Frame, type Read, type Warn } from "./types";

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

/** Where a long batch may be cut; what is no JSON then was not cut between two messages. */
const CUT = '},{"jsonrpc"';

/**
 * Reads a JSON-RPC frame like any {@link Decode}: one message or a batch. What is neither an event nor an answer is
 * dropped alone; of a frame that is no JSON there are no events.
 *
 * @param onReply - gets the answers
 */
export function decodeJsonRpc(
  frame: Frame,
  envelopes: Envelope[],
  warn: Warn,
  onReply: (reply: Reply) => void,
): Read {
  const text = String(frame);
  let start = 0;
  let count = 0;

  function read(message: unknown): void {
    count++;
    const { method, params, id } = isObject(message) ? message : NOTHING;
    let isGood: unknown = !method && id !== undefined;
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
      isGood = event;
    }
    if (!isGood) warn(`message ${count} of a frame cannot be read`);
  }

  return () => {
    let content: unknown;
    let length = AT_ONCE;
    let end: number;
    do {
      end = text.indexOf(CUT, start + length);
      length *= 2;
      const part = end < 0 ? text.slice(start) : `${text.slice(start, end)}}]`;
      content = quietly(() => JSON.parse(start ? `[${part}` : part));
    } while (content === undefined && end >= 0);
    if (content === undefined) envelopes.length = count = 0;
    start = end + 2;
    (Array.isArray(content) ? content : [content]).forEach(read);
    return end >= 0;
  };
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
