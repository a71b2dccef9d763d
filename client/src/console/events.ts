import type { EventKind } from "../pull/event-names";
import { quietly } from "../quietly";
import { redact } from "../redact";

/** Which handlers an event is for; or it is news of the connection. */
export type Kind = EventKind | "status" | "gap";

/** An event as page code and capture files see it. */
export interface CapturedEvent {
  /** When it was heard, ISO 8601. */
  time: string;
  module: string;
  command: string;
  params?: unknown;
  extra?: unknown;
  /** Left out for events of back ends. */
  kind?: Exclude<Kind, "server">;
  /** What else a file says of it: `mid`, `sender`, `targets`, … */
  [more: string]: unknown;
}

/** An event as it is kept: as text, which nobody can change and whose size is known. */
export interface Entry {
  time_: string;
  kind_: Kind;
  module_: string;
  command_: string;
  /** JSON. */
  params_: string;
  /** JSON: an object with `extra` and whatever else is known. */
  rest_: string;
}

const NO_JSON = '"(no JSON)"';

/** JSON text of anything; of what JSON has no text for (cycles), one that says so. */
const json = (value: unknown, instead = NO_JSON): string =>
  quietly(() => JSON.stringify(value)) || (value === undefined ? "null" : instead);

export function entryOf(
  kind: Kind,
  { time, module, command, params, kind: _kind, ...rest }: CapturedEvent,
): Entry {
  return {
    time_: time,
    kind_: kind,
    module_: module,
    command_: command,
    params_: json(params),
    rest_: json(rest, `{"extra":${NO_JSON}}`),
  };
}

/** How many characters an entry keeps in memory, about. */
export const sizeOf = (entry: Entry): number =>
  entry.module_.length + entry.command_.length + entry.params_.length + entry.rest_.length;

/** A copy of an event, secrets included. */
export function eventOf({ time_, kind_, module_, command_, params_, rest_ }: Entry): CapturedEvent {
  return {
    time: time_,
    module: module_,
    command: command_,
    ...(kind_ === "server" ? {} : { kind: kind_ }),
    params: JSON.parse(params_),
    ...JSON.parse(rest_),
  };
}

/** A copy of an event in which each secret is a fingerprint. */
export const shownEvent = (entry: Entry): CapturedEvent => redact(eventOf(entry));
