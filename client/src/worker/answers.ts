import type { Frame } from "../codec/types";

/** Acknowledgements remembered; tabs are never further apart than that for long. */
const MAX_ACKNOWLEDGED = 1000;

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
  const acknowledged = new Set<unknown>();

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
      if (acknowledged.has(data)) return false;
      acknowledged.add(data);
      if (acknowledged.size > MAX_ACKNOWLEDGED) {
        const [oldest] = acknowledged;
        acknowledged.delete(oldest);
      }
      return true;
    },
  };
}
