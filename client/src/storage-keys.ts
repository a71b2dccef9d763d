// What the client keeps for later pages: docs/client.md, Storage. Constants, because minifiers inline those.

/** The configuration, for the next pages. */
export const CONFIG_KEY = "bx-pull-config";
/** The position, for the next page of this tab. */
export const SESSION_KEY = "bx-pull-session";
/** The time when sockets were found not to get through. */
export const BLOCKED_KEY = "bx-pull-websocket-blocked";
/** Until when the connection log is on. */
export const LOGGING_KEY = "bx-pull-logging-enabled";
