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

/**
 * Turns a frame into envelopes. Knows nothing of connections, sessions and handlers, and never throws: what cannot
 * be read is dropped alone and reported.
 */
export type Decode = (frame: Frame, warn: Warn) => Envelope[];
