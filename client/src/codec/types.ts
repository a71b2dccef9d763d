/** An event as it travels; `module_id` in lower case, `extra` always an object. */
export interface PullEvent {
  module_id: string;
  command: string;
  /** An object; PHP sends an empty one as `[]`, which stays as it came. */
  params: unknown;
  extra: Record<string, unknown>;
}

/** One message out of a frame. */
export interface Envelope {
  /** 26 digits, growing; empty when the server sent none. */
  mid: string;
  tag?: unknown;
  time?: unknown;
  /** Who published: 0 unknown, 1 another browser, 2 the back end. Text frames do not say. */
  sender_?: { type: number; id?: string } | undefined;
  /** Null when the message was damaged: its position counts, its content does not. */
  event_: PullEvent | null;
}

/** What a transport carries: text, or bytes. */
export type Frame = string | ArrayBuffer;

/** Says what could not be read; never holds content. */
export type Warn = (message: string) => void;

/** Reads on for a moment; returns whether there is more to read. */
export type Read = () => boolean;

/** Characters or bytes that are read in one go: what of small events takes about a millisecond. */
export const AT_ONCE = 65_536;

/**
 * Turns a frame into envelopes, piece by piece, since a long one takes longer than a page may wait. Knows nothing of
 * connections, sessions and handlers, and never throws: what cannot be read is dropped alone and reported.
 *
 * @param envelopes - gets what is read, in its order
 * @returns what reads; not to be called again once it has returned false
 */
export type Decode = (frame: Frame, envelopes: Envelope[], warn: Warn) => Read;
