import { toEvent, toId } from "./event";
import { parseJson } from "./json";
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

/** Where a long batch may be cut, if both sides of it are JSON then: nowhere in a string. */
const CUT = '},{"jsonrpc"';

/**
 * Reads a JSON-RPC frame like any {@link Decode}: one message or a batch. What is neither an event nor an answer is
 * dropped alone; what is no JSON with all that is behind it.
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
  let count = 0;
  let start = 0;

  function read(message: unknown) {
    count++;
    const { method, params, id } = Object(message);
    if (id != null && !method) return onReply(message as Reply);
    let event: Envelope["event_"] | undefined;
    if (method === "incoming.message") {
      const { mid, body, sender, dictionary, user_params } = Object(params);
      event = toEvent(body);
      if (event && (dictionary || user_params)) {
        const more = { ...dictionary, ...user_params };
        if (Object.keys(more)[0]) event.params = { ...(event.params as object), ...more };
      }
      envelopes.push({
        mid: toId(mid),
        sender_: sender as Sender,
        event_: event,
      });
    }
    if (!event) warn(`message ${count} of a frame cannot be read`);
  }

  return () => {
    let content: unknown;
    let length = AT_ONCE;
    let end: number;
    do {
      end = text.indexOf(CUT, start + length);
      length *= 2;
      const part = end < 0 ? text.slice(start) : `${text.slice(start, end)}}]`;
      content = parseJson(start ? `[${part}` : part);
    } while (end >= 0 && content === undefined);
    start = end + 2;
    if (Array.isArray(content)) content.forEach(read);
    else read(content);
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
