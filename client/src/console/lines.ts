import { quietly } from "../quietly";
import { isObject } from "../values";
import { type CapturedEvent, type Entry, entryOf, type Kind, shownEvent } from "./events";

/** In a file: what is handed to handlers. News of the connection stays out, which no server could send again. */
const KINDS: readonly unknown[] = ["client", "online"] satisfies Kind[];

/** A capture file: JSON Lines, an event a line, secrets as fingerprints. */
export const toLines = (entries: readonly Entry[]): string =>
  entries
    .filter(({ kind_ }) => kind_ === "server" || KINDS.includes(kind_))
    .map((entry) => `${JSON.stringify(shownEvent(entry))}\n`)
    .join("");

/**
 * Reads a capture file, of this console, `bxpull tail --json` or a program of your own.
 *
 * @throws SyntaxError - names the first line that cannot be used, and what to do
 */
export function fromLines(text: string): Entry[] {
  const entries: Entry[] = [];
  text
    .replace(/^\ufeff/, "")
    .split("\n")
    .forEach((line, index) => {
      if (!line.trim()) return;
      try {
        entries.push(readEvent(quietly(() => JSON.parse(line))));
      } catch (error) {
        throw new SyntaxError(
          `line ${index + 1}: ${(error as Error).message}; mend or remove it, nothing was loaded`,
        );
      }
    });
  return entries;
}

/**
 * Takes an event as a line has it.
 *
 * @throws SyntaxError - says what is wrong with it
 */
export function readEvent(event: CapturedEvent): Entry {
  const problem = problemOf(event);
  if (problem) throw new SyntaxError(problem);
  // Handlers may count on both.
  return entryOf(kindOf(event), { ...event, params: event.params || [], extra: event.extra || {} });
}

function problemOf(event: CapturedEvent): string | false {
  if (!isObject(event) || Array.isArray(event))
    return 'no JSON object; an event is {"time": …, "module": …, "command": …, "params": …}';
  const { module, command, time, kind } = event;
  if (!module || typeof module !== "string") return 'no "module"; give a text such as "im"';
  if (!command || typeof command !== "string") return 'no "command"; give a text such as "message"';
  if (typeof time !== "string" || Number.isNaN(Date.parse(time)))
    return '"time" is no date; give one like "2026-11-30T00:26:13.987Z"';
  return !!kind && !KINDS.includes(kind) && `"kind" is not one of ${KINDS.join(", ")}; leave it out`;
}

/** `bxpull tail` names no kind: presence has its module, and what pages have sent its sender. */
function kindOf({ kind, module, sender }: CapturedEvent): Kind {
  return kind || (module.toLowerCase() === "online" ? "online" : sender === "page" ? "client" : "server");
}
