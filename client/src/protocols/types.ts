import type { Envelope, Frame, Read, Warn } from "../codec/types";
import type { Env } from "../env";
import type { NewerApi } from "../pull/api";
import type { ConfigStore } from "../pull/config-store";
import type { Connector } from "../pull/connector";
import type { ResolvedOptions } from "../pull/options";
import type { CallRest } from "../pull/rest";
import type { Subscriptions } from "../pull/subscriptions";
import type { Scope } from "../scope";

/** What a protocol is given of its client. */
export interface Host extends Pick<Connector, "isOpen_" | "canSend_" | "send_"> {
  env_: Env;
  scope_: Scope;
  configs_: ConfigStore;
  subscribe_: Subscriptions["subscribe"];
  options_: ResolvedOptions;
  callRest_: CallRest;
  warn_: Warn;
  /** Closes the connection and connects again. */
  reconnect_(code: number, reason: string): void;
}

/** One client's side of what push servers of some versions speak; outlives connections. */
export interface Peer {
  /** As `getDebugInfo()` says it. */
  readonly mode_: "text" | "protobuf" | "json-rpc";
  /** Query parameters that ask the server for it. */
  readonly query_?: object;
  /** Frames are bytes; else they are text. */
  readonly binary_?: true;
  /** The server says something every few seconds, and the peer reconnects when it does not. */
  readonly hasPings_?: true;
  /** Takes a frame, like a decoder: what there is for handlers becomes envelopes, the rest is dealt with. */
  receive_(frame: Frame, envelopes: Envelope[]): Read;
  /**
   * A message, given by its id, has been dealt with, or was known already. Where this is said, none of a frame counts
   * before it was read to its end: it is one JSON.
   */
  acknowledge_?(mid: string): void;
  /** There is a connection, or a better one; `host.canSend_()` tells whether it is a socket. */
  onOpen_(): void;
  /** The connection has ended. Without `code` this side ended it. */
  onClose_(code?: number, reason?: string): void;
  /** Methods of `BX.PULL` that this protocol makes possible. */
  readonly methods_: Partial<NewerApi>;
}

/** Calls a method of the server, and takes its answer for what the protocol promises; rejects with PullError. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type CallServer = (method: string, params: object, timeoutS?: number) => Promise<any>;

/** Makes a client's side of a protocol. */
export type Protocol = (host: Host) => Peer;
