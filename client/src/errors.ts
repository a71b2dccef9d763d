import type { PullError as Shape } from "./public/errors";
import { redact } from "./redact";

/** What the client rejects with and throws; {@link Shape} says what users see of it. */
export class PullError extends Error implements Shape {
  declare readonly code: string;
  declare readonly status: number;

  // Setting it would throw where a page has frozen Error.prototype, which has one.
  override get name() {
    return "PullError";
  }

  constructor(code: string, message: string, status = -1) {
    // Some are of others: servers, portals, browsers.
    super(redact(String(message)));
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
