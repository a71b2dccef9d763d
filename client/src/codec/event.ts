import { firstGiven, isObject } from "../values";
import type { PullEvent } from "./types";

/** Checks and normalises the event inside a message; null when it is none. */
export function toEvent(body: unknown): PullEvent | null {
  if (!isObject(body) || !body.module_id) return null;
  const { extra } = body;
  return {
    module_id: String(body.module_id).toLowerCase(),
    command: String(body.command),
    params: firstGiven<unknown>(body.params, {}),
    extra: isObject(extra) && !Array.isArray(extra) ? extra : {},
  };
}
