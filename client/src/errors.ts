/**
 * Every error the client rejects with or throws.
 *
 * ```
 * PullError            code, fatal
 * ├── RestError        REST_FAILED, AUTHORIZE_ERROR, SESSION_FAILED or the portal's own code; status
 * ├── ConfigError      BAD_CONFIG, NO_TRANSPORT
 * ├── VersionError     VERSION_NEEDED
 * └── UsageError       BAD_SUBSCRIPTION, BAD_HANDLER
 * ```
 *
 * Codes of `PullError` itself: `PULL_DISABLED`, `PULL_STOPPED`, `REVISION_MISMATCH`.
 */
export class PullError extends Error {
  /** Stable, for programs; the message is for people. */
  readonly code: string;
  /** True when trying again cannot help: the client gives up instead of backing off. */
  readonly fatal: boolean;

  constructor(code: string, message: string, fatal = true) {
    super(message);
    this.name = "PullError";
    this.code = code;
    this.fatal = fatal;
  }
}

/** A REST call was refused or did not get through. */
export class RestError extends PullError {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(code, message, status > 399 && status < 500 && status !== 408 && status !== 429);
    this.name = "RestError";
    this.status = status;
  }

  /** Nobody is signed in, as far as the portal is concerned. */
  get unauthorized(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** The configuration cannot be used. */
export class ConfigError extends PullError {
  override readonly name = "ConfigError";
}

/** The method needs a newer push server than the one configured. */
export class VersionError extends PullError {
  override readonly name = "VersionError";

  constructor(method: string, needed: number, actual: number) {
    super(
      "VERSION_NEEDED",
      `${method}() needs push server version ${needed} or newer; ${
        actual
          ? `this connection speaks version ${Math.min(actual, 3)} (text frames)`
          : "no configuration is loaded"
      }`,
    );
  }
}

/** Page code called the client with something it cannot use. */
export class UsageError extends PullError {
  override readonly name = "UsageError";
}
