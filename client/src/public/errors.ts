/** Those of the client itself; the portal has others, such as `AUTHORIZE_ERROR`, or the number of a JSON-RPC error. */
export type PullErrorCode =
  | "PULL_DISABLED"
  | "PULL_DESTROYED"
  | "PULL_STOPPED"
  | "REVISION_MISMATCH"
  | "BAD_CONFIG"
  | "VERSION_NEEDED"
  | "NOT_CONNECTED"
  | "CONNECTION_LOST"
  | "TIMEOUT"
  | "BAD_MESSAGE"
  | "NO_PUBLIC_CHANNEL"
  | "PUBLISH_REFUSED"
  | "BAD_SUBSCRIPTION"
  | "REST_FAILED";

/**
 * What the client rejects with and throws: one class, told apart by `code`.
 *
 * | code | when |
 * | --- | --- |
 * | `PULL_DISABLED` | the page or the portal switched the client, or publishing, off |
 * | `PULL_DESTROYED` | `destroy()` was called |
 * | `PULL_STOPPED` | `stop()` or `disconnect()` came before the connection |
 * | `REVISION_MISMATCH` | the server has another API revision |
 * | `BAD_CONFIG` | the configuration cannot be used |
 * | `VERSION_NEEDED` | the method needs a newer push server |
 * | `NOT_CONNECTED` | the method needs a connection, or a socket |
 * | `CONNECTION_LOST` | the connection ended before the server answered |
 * | `TIMEOUT` | the server did not answer in time |
 * | `BAD_MESSAGE` | a message to publish cannot be sent: receivers, size, module, command, expiry |
 * | `NO_PUBLIC_CHANNEL` | the portal knows no public channel of a receiver |
 * | `PUBLISH_REFUSED` | the server refused a published message |
 * | `BAD_SUBSCRIPTION` | `subscribe()` or `emit()` was given what it cannot use |
 * | `REST_FAILED` | no usable answer came from the portal |
 * | any other | the portal's own code, such as `AUTHORIZE_ERROR`, or a JSON-RPC error's number |
 */
export interface PullError extends Error {
  /** Stable, for programs; the message is for people, and holds no secret. */
  readonly code: PullErrorCode | (string & Record<never, never>);
  /** HTTP status of a refused REST call, 0 when no answer came; -1 for what has nothing to do with requests. */
  readonly status: number;
}
