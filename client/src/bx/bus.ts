import type { EventRegistry, Listener } from "./registry";
import type { BxGlobal } from "./types";

/**
 * Finds who hears an event, in order.
 *
 * @param lower - the name in lower case, from callers who look often
 */
export type FindListeners = (
  name: string,
  lower?: string,
) => readonly Pick<Listener, "active_" | "source_" | "invoke_">[];

/** For events that nobody hears. */
export const NOBODY: readonly never[] = [];

/** Those who hear a BX event of a page with an event core of its own: that core as a whole, which copies for each. */
export function pageBus(BX: BxGlobal, win: object): FindListeners {
  return (name) => [
    {
      active_: true,
      source_: BX.onCustomEvent,
      invoke_: (args) => BX.onCustomEvent(win, name, args, true),
    },
  ];
}

/** Those who hear a BX event where the event core is ours: the handlers themselves. */
export function ownBus(BX: BxGlobal, win: object, registry: EventRegistry): FindListeners {
  const original = BX.onCustomEvent;
  const wrapped = pageBus(BX, win);
  // A page may wrap BX.onCustomEvent to watch all events: then every event goes through the wrapper.
  return (name, lower = name.toLowerCase()) =>
    BX.onCustomEvent === original ? registry.find_(lower) : wrapped(name);
}
