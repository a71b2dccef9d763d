import { getOwn, isObject, setOwn } from "./own";
import type { BxMessage } from "./types";

/**
 * Makes `BX.message`.
 *
 * @param phrases - what the page had put at `BX.message` before: an object of phrases, taken over.
 */
export function createMessage(phrases: unknown): BxMessage {
  const message = ((input: unknown) => {
    if (!isObject(input)) {
      const phrase = getOwn(message, String(input));
      return phrase === undefined ? "" : phrase;
    }
    for (const key of Object.keys(input)) setOwn(message, key, (input as Record<string, unknown>)[key]);
    return undefined;
  }) as BxMessage;
  // A function's own name and length are not phrases.
  for (const key of ["name", "length"]) delete message[key];
  message(phrases || {});
  return message;
}
