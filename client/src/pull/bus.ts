import type { InstalledBx } from "../bx/install";
import type { Listener } from "../bx/registry";

/** Where BX events go: our own event core, or the page's. */
export interface Bus {
  /** Who hears an event on the page, or null when only the page's own core knows. */
  listeners_(name: string): readonly Listener[] | null;
  /** Raises an event through `BX.onCustomEvent`; the core hands every listener its own copy. */
  emit_(name: string, args: unknown[]): void;
}

export function createBus({ BX, registry_: registry }: InstalledBx, win: object): Bus {
  const original = BX.onCustomEvent;
  return {
    // A page may wrap BX.onCustomEvent to watch all events: then every event goes through the wrapper.
    listeners_: (name) =>
      registry && BX.onCustomEvent === original ? registry.listeners_(name.toLowerCase()) : null,
    emit_: (name, args) => BX.onCustomEvent(win, name, args, true),
  };
}
