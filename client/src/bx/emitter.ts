import { firstGiven } from "../values";
import { clone } from "./clone";
import type { BaseEvent } from "./event";
import type { EventRegistry } from "./registry";
import { reportError } from "./report";
import type { Win } from "./types";

/**
 * Calls who hears the event: global listeners, then those of the target, each in order of registration.
 * A listener that throws is reported and stops nobody.
 *
 * @param event - its data and compat data are set; name and target are filled in.
 * @param secure - every listener gets its own deep copy of the data, a list of args.
 */
export type Emit = (target: object | null, name: string, event: BaseEvent, secure?: boolean) => void;

export function createEmit(win: Win, registry: EventRegistry): Emit {
  return (target, name, event, secure) => {
    const heard = target || win;
    event.setType(name).setTarget(heard);
    // A set, because the window's own events have the same listeners twice.
    for (const listener of new Set([...registry.find_(name), ...registry.find_(name, heard)])) {
      if (!listener.active_) continue;
      try {
        // A listener that gets its own copy gets its own event object too.
        if (secure) listener.invoke_(clone(event.getData() as unknown[]), heard);
        else listener.invoke_(compatArgs(event), heard, event);
      } catch (error) {
        reportError(win, error, `handler of ${name} threw`);
      }
    }
  };
}

/** What an `addCustomEvent` listener gets of an EventEmitter's event: its compat data, else data and event. */
const compatArgs = (event: BaseEvent) =>
  firstGiven(event.getCompatData() as unknown[] | null, [event.getData(), event]);
