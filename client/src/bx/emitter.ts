import { firstGiven } from "../values";
import { clone } from "./clone";
import { BaseEvent } from "./event";
import type { EventRegistry, Invoke } from "./registry";
import { reportError } from "./report";
import type { AnyFunction, Win } from "./types";

/** Registered by an EventEmitter, the handler wants one event object; "once" is removed right before its first call. */
export type EmitterKind = "emitter" | "once";

/** Registers handlers of both kinds, and calls them. */
export interface Emitter {
  /** @param kind - none: the handler gets the args spread, as `addCustomEvent` says */
  add_(target: object | null, name: string, handler: AnyFunction, kind?: EmitterKind): void;
  /**
   * Calls who hears the event: global listeners, then those of the target, each in order of registration.
   * A listener that throws is reported and stops nobody.
   *
   * @param event - its data and compat data are set; name and target are filled in.
   * @param secure - every listener gets its own deep copy of the data, a list of args.
   */
  emit_(target: object | null, name: string, event: BaseEvent, secure?: boolean): void;
}

export function createEmitter(win: Win, registry: EventRegistry): Emitter {
  return {
    add_(target, name, handler, kind) {
      const invoke: Invoke = (args, heard = win, event = new BaseEvent({ data: args, compatData: args })) => {
        if (kind === "once") registry.remove_(target, name, handler);
        handler.apply(heard, [event.setType(name).setTarget(heard)] as never[]);
      };
      registry.add_(target, name, handler, kind && invoke);
    },
    emit_(target, name, event, secure) {
      const heard = target || win;
      event.setType(name).setTarget(heard);
      // A set, because the window's own events have the same listeners twice.
      for (const listener of new Set([...registry.listeners_(name), ...registry.listeners_(name, heard)])) {
        if (!listener.active_) continue;
        try {
          // A listener that gets its own copy gets its own event object too.
          if (secure) listener.invoke_(clone(event.getData() as unknown[]), heard);
          else listener.invoke_(compatArgs(event), heard, event);
        } catch (error) {
          reportError(win, error, `handler of ${name} threw`);
        }
      }
    },
  };
}

/** What an `addCustomEvent` listener gets of an EventEmitter's event: its compat data, else data and event. */
const compatArgs = (event: BaseEvent) =>
  firstGiven(event.getCompatData() as unknown[] | null, [event.getData(), event]);
