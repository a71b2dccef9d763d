import type { Frame } from "../codec/types";

/**
 * So many acknowledgements are remembered at least: tabs send them in turns with their pages, thousands at a time. They
 * are forgotten a generation at a time, since the oldest of a large set is slow to find.
 */
const GENERATION = 20_000;

/** What JSON-RPC servers send to hear whether anyone is there, and its answer. */
export const PING = "ping";
const PONG = "pong";
const ACKNOWLEDGE = "mack:";

/** What all tabs answer goes to the server once: one pong for each ping, one acknowledgement of each message. */
export interface Answers {
  /** Looks at what the server sends. */
  heard_(frame: Frame): void;
  /** Is this an answer that belongs to the socket by which its question came? */
  isAnswer_(data: string | Uint8Array): boolean;
  /** False when another tab has answered already. */
  isNew_(data: string | Uint8Array): boolean;
}

export function createAnswers(): Answers {
  let pinged = false;
  let acknowledged = new Set<unknown>();
  let before = acknowledged;

  return {
    heard_(frame) {
      if (frame === PING) pinged = true;
    },
    isAnswer_: (data) => typeof data === "string" && (data === PONG || data.startsWith(ACKNOWLEDGE)),
    isNew_(data) {
      if (data === PONG) {
        const wasPinged = pinged;
        pinged = false;
        return wasPinged;
      }
      if (acknowledged.has(data) || before.has(data)) return false;
      if (acknowledged.size >= GENERATION) {
        before = acknowledged;
        acknowledged = new Set();
      }
      acknowledged.add(data);
      return true;
    },
  };
}
