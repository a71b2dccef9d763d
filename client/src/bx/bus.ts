import type { EventRegistry, Listener } from "./registry";
import type { BxGlobal } from "./types";

/** Those who hear an event, in order. */
export type Listeners = readonly Pick<Listener, "active_" | "source_" | "invoke_">[];

/** Finds who hears a BX event: until {@link changes} grows or a page wraps `BX.onCustomEvent`, always the same. */
export type FindListeners = (name: string) => Listeners;

/** For events that nobody hears. */
export const NOBODY: readonly never[] = [];

/** How often listeners of anything have come or gone: who remembers them looks whether it has grown. */
export const changes = { count_: 0 };

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
  return (name) => (BX.onCustomEvent === original ? registry.find_(name.toLowerCase()) : wrapped(name));
}
