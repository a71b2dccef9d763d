/** What a transport tells its owner. After `onClose` it says nothing more. */
export interface TransportHandlers {
  onOpen_(): void;
  /** One WebSocket message or one long-polling body. */
  onMessage_(data: string | ArrayBuffer): void;
  /** Closed by either side or never opened. `code` is a WebSocket close code. */
  onClose_(code: number, reason: string): void;
}

/** One connection: made open or opening, and used up once closed. */
export interface Transport {
  /** Closes and says nothing more: the handlers are not called again. */
  close_(code?: number, reason?: string): void;
  isOpen_(): boolean;
}

/** Opens a connection to `url` and reports to `handlers`; throws when the address cannot be used. */
export type OpenTransport = (url: string, handlers: TransportHandlers) => Transport;
