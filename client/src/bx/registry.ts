import type { Env } from "../env";
import { firstGiven, getOrMake } from "../values";
import { sourceOf } from "./bind";
import { clone } from "./clone";
import { BaseEvent } from "./event";
import { reportError } from "./report";
import type { AnyFunction } from "./types";

/** One handler of one event. */
export interface Listener {
  /**
   * Calls the handler the way it was registered: by `addCustomEvent` with the args spread and `this` = target,
   * by an EventEmitter with one event object. Throws what the handler throws.
   *
   * @param target - the object whose event it is. Default: the window.
   * @param event - the event object of this emit. Default: a new one that carries the args.
   */
  invoke_(args: readonly unknown[], target?: object, event?: BaseEvent): void;
  /** False once removed. Look right before the call: an earlier listener may have removed this one. */
  active_: boolean;
  /** The function as registered. */
  readonly handler_: AnyFunction;
  /** The function the page wrote, with `BX.delegate` and `BX.proxy` looked through. */
  readonly source_: AnyFunction;
}

/** Registered by an EventEmitter, the handler wants one event object; "once" is removed right before its first call. */
export type EmitterKind = "emitter" | "once";

/**
 * All listeners of a page. The target null or the window is the global one: its listeners hear the events of
 * every object. The same function is one listener of an event of a target, however often and by whichever
 * function it was added. Names are told apart by case: `BX.addCustomEvent` and its kin lower them first.
 */
export interface EventRegistry {
  add_(target: object | null, name: string, handler: AnyFunction, kind?: EmitterKind): void;
  /** Removes the handler; without one, all of the target's listeners of the event; without a name, of all events. */
  remove_(target: object | null, name?: string, handler?: AnyFunction): void;
  /**
   * Calls who hears the event: global listeners, then those of the target, each in order of registration.
   * A listener that throws is reported and stops nobody.
   *
   * @param event - its data and compat data are set; name and target are filled in.
   * @param secure - every listener gets its own deep copy of the data, a list of args.
   */
  emit_(target: object | null, name: string, event: BaseEvent, secure?: boolean): void;
  /**
   * Who hears an event of the global target, in order of registration: a snapshot that later changes leave
   * alone. Cheap enough to be asked for every push event.
   */
  listeners_(name: string): readonly Listener[];
}

/** Makes an empty registry for a window. Listeners of an object live no longer than the object. */
export function createRegistry(win: Env): EventRegistry {
  /** By target and event name. Lists are replaced, never changed: whoever walks one is not disturbed. */
  const listsOf = new WeakMap<object, Map<string, readonly Listener[]>>();

  const lists = (target: object | null) =>
    getOrMake(listsOf, target || win, () => new Map<string, readonly Listener[]>());
  const find = (target: object | null, name: string) => lists(target).get(name) || [];

  function remove(target: object | null, name?: string, handler?: AnyFunction): void {
    lists(target).forEach((list, key, all) => {
      const stays = (listener: Listener) => {
        listener.active_ = (name || key) !== key || (handler || listener.handler_) !== listener.handler_;
        return listener.active_;
      };
      all.set(key, list.filter(stays));
    });
  }

  return {
    remove_: remove,
    listeners_: (name) => find(null, name),
    add_(target, name, handler, kind) {
      const list = find(target, name);
      if (list.some((listener) => listener.handler_ === handler)) return;
      const listener: Listener = {
        handler_: handler,
        source_: sourceOf(handler),
        active_: true,
        invoke_(args, heard = win, event = new BaseEvent({ data: args, compatData: args })) {
          if (kind === "once") remove(target, name, handler);
          handler.apply(heard, (kind ? [event.setType(name).setTarget(heard)] : args) as never[]);
        },
      };
      lists(target).set(name, [...list, listener]);
    },
    emit_(target, name, event, secure) {
      const heard = target || win;
      event.setType(name).setTarget(heard);
      // A set, because the window's own events have the same listeners twice.
      for (const listener of new Set([...find(null, name), ...find(heard, name)])) {
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
