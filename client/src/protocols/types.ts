import type { Envelope, Frame, Warn } from "../codec/types";
import type { Env } from "../env";
import type { NewerApi } from "../pull/api";
import type { PullConfig } from "../pull/config";
import type { ResolvedOptions } from "../pull/options";
import type { CallRest } from "../pull/rest";
import type { Subscriptions } from "../pull/subscriptions";
import type { Scope } from "../scope";

/** What a protocol is given of its client. */
export interface Host {
  env_: Env;
  scope_: Scope;
  options_: ResolvedOptions;
  callRest_: CallRest;
  subscribe_: Subscriptions["subscribe"];
  warn_: Warn;
  config_(): PullConfig;
  /** Milliseconds by the server's clock. */
  serverNow_(): number;
  isOpen_(): boolean;
  /** Is there an open socket? */
  canSend_(): boolean;
  /** Sends a message; false when there is no open socket. */
  send_(data: string | Uint8Array): boolean;
  /** Closes the connection and connects again. */
  reconnect_(code: number, reason: string): void;
}

/** One client's side of a protocol; outlives connections. */
export interface Peer {
  /** Takes a frame: what there is for handlers comes back, the rest is dealt with. */
  receive_(frame: Frame): Envelope[];
  /** There is a connection, or a better one; `host.canSend_()` tells whether it is a socket. */
  onOpen_(): void;
  /** There is none any more; may come twice. Without `code` this side ended it. */
  onClose_(code?: number, reason?: string): void;
  /** Methods of `BX.PULL` that this protocol makes possible. */
  methods_: Partial<NewerApi>;
}

/** What push servers of some versions speak. */
export interface Protocol {
  /** As builds name it. */
  readonly name_: "text" | "protobuf" | "jsonrpc";
  /** As `getDebugInfo()` says it. */
  readonly mode_: string;
  /** Query parameter that asks the server for it. */
  readonly query_: object;
  /** Are its frames bytes? */
  readonly binary_: boolean;
  create_(host: Host): Peer;
}
