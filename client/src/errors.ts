import { redact } from "./redact";

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
export class PullError extends Error {
  /** Stable, for programs; the message is for people, and holds no secret. */
  declare readonly code: string;
  /** HTTP status of a refused REST call, 0 when no answer came; -1 for what has nothing to do with requests. */
  declare readonly status: number;

  constructor(code: string, message: string, status = -1) {
    // Some are of others: servers, portals, browsers.
    super(redact(String(message)));
    this.name = "PullError";
    this.code = code;
    this.status = status;
  }
}

/**
 * Is it of no use to try the same thing again a moment later? Errors without a status (of the browser, not of
 * ours) may pass.
 */
export function isFatal(error: PullError): boolean {
  return /^-|^4(?!08|29)/.test(error.status as unknown as string);
}

export const disabledByPortal = () => new PullError("PULL_DISABLED", "off on the portal");

export const notConnected = (why = "not connected") => new PullError("NOT_CONNECTED", why);

/** Nobody knows whether the server got it. */
export const connectionLost = () => new PullError("CONNECTION_LOST", "connection lost");
