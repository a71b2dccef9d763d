import { isPlain } from "../values";
import type { PullEvent } from "./types";

/** Checks and normalises the event inside a message; null when it is none. */
export function toEvent(body: unknown): PullEvent | null {
  const { module_id, command, params, extra } = Object(body);
  try {
    return module_id
      ? {
          module_id: String(module_id).toLowerCase(),
          command: String(command),
          params: params ?? {},
          extra: extra && isPlain(extra) ? extra : {},
        }
      : null;
  } catch {
    // What cannot be turned into a string.
    return null;
  }
}

/** An id as a text; empty where there is none, or only a number that has lost digits. */
export function toId(value: unknown): string {
  return typeof value === "string" || Number.isSafeInteger(value) ? String(value) : "";
}
