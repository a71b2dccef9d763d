import { firstGiven, getOwn, isObject, setOwn } from "../values";
import type { BxMessage } from "./types";

/**
 * Makes `BX.message`.
 *
 * @param phrases - what the page had put at `BX.message` before: an object of phrases, taken over.
 */
export function createMessage(phrases: unknown): BxMessage {
  const message = ((input: unknown) => {
    if (!isObject(input)) return firstGiven(getOwn(message, String(input)), "");
    for (const key of Object.keys(input)) setOwn(message, key, input[key]);
    return undefined;
  }) as BxMessage;
  message(Object(phrases));
  return message;
}
