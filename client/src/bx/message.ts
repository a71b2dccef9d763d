import { hasOwn, isObject, setOwn } from "./own";
import type { BxMessage } from "./types";

/**
 * Makes `BX.message`.
 *
 * @param phrases - what the page had put at `BX.message` before: an object of phrases, taken over.
 */
export function createMessage(phrases: unknown): BxMessage {
  const message = ((input: unknown) => {
    if (!isObject(input)) {
      const key = String(input);
      return hasOwn(message, key) ? message[key] : "";
    }
    for (const key of Object.keys(input)) setOwn(message, key, (input as Record<string, unknown>)[key]);
    return undefined;
  }) as BxMessage;
  // A function's own name and length are not phrases.
  for (const key of ["name", "length"]) delete message[key];
  message(phrases || {});
  return message;
}
