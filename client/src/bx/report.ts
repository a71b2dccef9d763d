import type { Env } from "../env";
import { redact } from "../redact";

/**
 * Prints to the page's console; a console that is missing or throws breaks nothing. Captured events ("info")
 * look as they always have, everything else says where it comes from. Secrets are fingerprints, but not in the objects
 * of page code.
 */
export function print(env: Env, level: "log" | "info" | "warn" | "error", ...args: unknown[]): void {
  try {
    env.console[level](
      ...(level === "info"
        ? redact(args)
        : ["[bxpull]", ...args.map((arg) => (typeof arg === "string" ? redact(arg) : arg))]),
    );
  } catch {
    // There is nobody left to tell.
  }
}

/**
 * Reports an error of page code without stopping the caller: a line on the console, and, a moment later, the
 * window's `error` event, where the page's own error tracking finds it.
 *
 * @param what - what failed, as a sentence without a full stop.
 */
export function reportError(env: Env, error: unknown, what: string): void {
  print(env, "error", what, error);
  env.setTimeout(() => {
    throw error;
  });
}
