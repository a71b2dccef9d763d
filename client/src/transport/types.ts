import type { Frame } from "../codec/types";

/** Where to connect to. */
export interface Target {
  /** Address of the push server's sockets, without query; nothing when there is none to use. */
  readonly socket_: string | false | undefined;
  /** The same for long polling. */
  readonly poll_: string | undefined;
  /** The server says something every few seconds, and whoever reads it sees when it does not. */
  readonly hasPings_: boolean | undefined;
  /** A server that answers the first request of a long poll at once: with where it begins. */
  readonly tells_?: boolean | undefined;
  /** Frames are bytes; else they are text. */
  readonly binary_: boolean | undefined;
  /** The full address as it must be now: it tells the position. Throws when there is no `base`. */
  url_(base: string | false | undefined): string;
  /** What `url_()` gave last. */
  lastUrl_: string;
  /** What `getDebugInfo()` says of the way there. */
  about_?: Record<string, string>;
}

/** What a transport tells its owner. After `onClose_` it says nothing more. */
export interface TransportHandlers {
  /** Once more when a better connection took the place of this one, without a gap. */
  onOpen_(): void;
  /** One WebSocket message or one long-polling body; true when there was something in it that could be read. */
  onMessage_(frame: Frame): boolean;
  /** Closed by either side or never opened. `code` is a WebSocket close code. */
  onClose_(code: number, reason: string): void;
}

/** One connection: made open or opening, and used up once closed. */
export interface Transport {
  /** Closes and says nothing more: the handlers are not called again. */
  close_(code?: number, reason?: string): void;
  /** Sends a message, while open. Only sockets can. */
  readonly send_?: ((data: string | Uint8Array) => void) | undefined;
}

/** Opens a connection and reports to `handlers`; throws when the address cannot be used. */
export type OpenTransport = (target: Target, handlers: TransportHandlers) => Transport;

/** Keeps values for the next page. */
export interface Keeper {
  get<T>(name: string, fallback: T): T;
  set(name: string, value: unknown): void;
  remove(name: string): void;
}
