import type { Listener } from "../bx/registry";
import type { InstalledBx } from "../bx/types";

/** Finds who hears an event, in order. */
export type FindListeners = (name: string) => readonly Pick<Listener, "active_" | "source_" | "invoke_">[];

/**
 * Makes the finder of those who hear a BX event of the page: the handlers themselves when the event core is
 * ours, else that core as a whole, which hands every handler its own copy.
 */
export function createBus({ BX, registry_: registry }: InstalledBx, win: object): FindListeners {
  const original = BX.onCustomEvent;
  return (name) => {
    const { onCustomEvent } = BX;
    // A page may wrap BX.onCustomEvent to watch all events: then every event goes through the wrapper.
    if (registry && onCustomEvent === original) return registry.listeners_(name.toLowerCase());
    const invoke = (args: readonly unknown[]) => BX.onCustomEvent(win, name, args, true);
    return [{ active_: true, source_: onCustomEvent, invoke_: invoke }];
  };
}
