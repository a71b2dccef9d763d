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
  sender_?: { type: number; id?: string };
  /** Null when the message was damaged: its position counts, its content does not. */
  event_: PullEvent | null;
}

/** Turns frames into envelopes. Knows nothing of connections, sessions and handlers. */
export interface Codec {
  /** As `getDebugInfo()` says it. */
  readonly mode_: "text" | "protobuf" | "json-rpc";
  /** Query parameters that ask the server for this format. */
  readonly query_: Readonly<Record<string, string>>;
  /** Never throws: what cannot be read is dropped alone and reported by `warn`, without its content. */
  decode_(data: string | ArrayBuffer, warn: (message: string) => void): Envelope[];
}
