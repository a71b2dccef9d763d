import { quietly } from "../quietly";
import { firstGiven, isObject } from "../values";
import type { PullEvent } from "./types";

/** Checks and normalises the event inside a message; null when it is none. */
export function toEvent(body: unknown): PullEvent | null {
  const { module_id, command, params, extra } = Object(body);
  // What cannot be turned into a string throws.
  const event = quietly(() => ({
    module_id: String(module_id).toLowerCase(),
    command: String(command),
    params: firstGiven<unknown>(params, {}),
    extra: isObject(extra) && !Array.isArray(extra) ? extra : {},
  }));
  return (module_id && event) || null;
}

/** A message id as it came, or an empty string. */
export function toMid(value: unknown): string {
  return isObject(value) ? "" : String(firstGiven(value, ""));
}
