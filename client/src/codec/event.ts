import type { PullEvent } from "./types";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Checks and normalises the event inside a message; null when it is none. */
export function toEvent(body: unknown): PullEvent | null {
  if (!isObject(body) || typeof body.module_id !== "string" || !body.module_id) return null;
  return {
    module_id: body.module_id.toLowerCase(),
    command: String(body.command ?? ""),
    params: body.params ?? {},
    extra: isObject(body.extra) ? body.extra : {},
  };
}
