import { isObject } from "../values";
import type { PullEvent } from "./types";

/** Checks and normalises the event inside a message; null when it is none. */
export function toEvent(body: unknown): PullEvent | null {
  if (!isObject(body) || !body.module_id) return null;
  const { module_id, command, params, extra } = body;
  try {
    return {
      module_id: String(module_id).toLowerCase(),
      command: String(command),
      params: params === undefined || params === null ? {} : params,
      extra: isObject(extra) && !Array.isArray(extra) ? extra : {},
    };
  } catch {
    // What cannot be turned into a string.
    return null;
  }
}

/** A message id as it came, or an empty string. */
export function toMid(value: unknown): string {
  if (typeof value === "string") return value;
  return isObject(value) || value === undefined || value === null ? "" : String(value);
}
