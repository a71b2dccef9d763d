import type { Frame } from "../codec/types";

// What tabs and the shared worker say to each other. The two scripts are shrunk apart from each other, so nothing of
// this may be named by an internal property.

/** A place in a stream: whose it is, and the number of the last frame that was taken from it. */
export type Cursor = readonly [stream: string, frame: number];

/** A tab's wish for a stream. */
export interface Join {
  /** Tabs with the same key share a socket: it tells everything that identifies the subscription. */
  key: string;
  /** Address of the socket, without a position. */
  bare: string;
  /** The same with the tab's position. */
  url: string;
  /** The tab's position: a message id, or empty. */
  mid: string;
  /** The server's history that it is of. */
  history: string;
  /** Frames are bytes. */
  binary: boolean;
  /** The server says something every few seconds, and the tabs see when it does not. */
  pings: boolean;
  /** The server says first where the stream begins. */
  tells: boolean;
  /** Where the tab was, if it shared a stream before. */
  cursor: Cursor | undefined;
  /** The socket that the tab wants no more, for the server said so or it seems dead. */
  left: string;
}

export type ToWorker =
  | ["join", Join]
  /** What goes to the server, and the socket that it belongs to. */
  | ["send", socket: string, data: string | Uint8Array]
  /**
   * A sign of life: the tab's position once it has taken that frame, the end of the gap it was told last, and the
   * server's history that they are of.
   */
  | ["here", mid: string, frame: number, told: string, history: string]
  | ["leave", code: number | undefined, reason: string | undefined];

/** What follows the first element. */
export type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

export type ToTab =
  /** A sign of life, too. */
  | ["hello"]
  /** There is a connection, or a better one; frames after the cursor follow. */
  | ["open", cursor: Cursor, socket: string]
  | ["frame", number: number, frame: Frame]
  | ["close", code: number, reason: string]
  /** Say where you are. */
  | ["ask"]
  /** Where the tab begins, in which history; it had no position. */
  | ["position", mid: string, history: string];
