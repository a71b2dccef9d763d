import type { Env } from "../env";
import { getOrMake } from "../values";
import { sourceOf } from "./bind";
import { changes, NOBODY } from "./bus";
import { BaseEvent } from "./event";
import type { AnyFunction } from "./types";

/**
 * Calls a handler the way it was registered; throws what it throws.
 *
 * @param target - the object whose event it is. Default: the window.
 * @param event - the event object of this emit, for who hands it on.
 */
export type Invoke = (args: readonly unknown[], target?: object, event?: BaseEvent) => unknown;

/** Registered by an EventEmitter, the handler wants one event object; "once" is removed right before its first call. */
export type EmitterKind = "emitter" | "once";

/** One handler of one event. */
export interface Listener {
  invoke_: Invoke;
  /** False once removed. Look right before the call: an earlier listener may have removed this one. */
  active_: boolean;
  /** The function as registered. */
  readonly handler_: AnyFunction;
  /** The function the page wrote, with `BX.delegate` and `BX.proxy` looked through. */
  readonly source_: AnyFunction;
}

/**
 * All listeners of a page. The target null or the window is the global one: its listeners hear the events of
 * every object. The same function is one listener of an event of a target, however often and by whichever
 * function it was added. Names are told apart by case: `BX.addCustomEvent` and its kin lower them first.
 */
export interface EventRegistry {
  /** @param kind - none: the handler gets the args spread, as `addCustomEvent` says */
  add_(target: object | null, name: string, handler: AnyFunction, kind?: EmitterKind): void;
  /** Removes the handler; without one, all of the target's listeners of the event; without a name, of all events. */
  remove_(target: object | null, name?: string, handler?: AnyFunction): void;
  /**
   * Who listens to an event of the target, by default of the global one, in order of registration: a snapshot that
   * later changes leave alone.
   */
  find_(name: string, target?: object | null): readonly Listener[];
}

/** Makes an empty registry for a window. Listeners of an object live no longer than the object. */
export function createRegistry(win: Env): EventRegistry {
  /** By target and event name. Lists are replaced, never changed: whoever walks one is not disturbed. */
  const listsOf = new WeakMap<object, Map<string, readonly Listener[]>>();

  const make = () => new Map<string, readonly Listener[]>();
  const ofAll = getOrMake(listsOf, win, make);
  const lists = (target: object | null) =>
    target && target !== win ? getOrMake(listsOf, target, make) : ofAll;
  const find = (name: string, target: object | null = null) => lists(target).get(name) || NOBODY;

  const remove: EventRegistry["remove_"] = (target, name, handler) => {
    changes.count_++;
    const all = lists(target);
    const stays = (listener: Listener) => {
      listener.active_ = (handler || listener.handler_) !== listener.handler_;
      return listener.active_;
    };
    for (const key of name ? [name] : all.keys()) all.set(key, find(key, target).filter(stays));
  };

  return {
    find_: find,
    remove_: remove,
    add_(target, name, handler, kind) {
      const list = find(name, target);
      if (list.some((listener) => listener.handler_ === handler)) return;
      const invoke: Invoke = (args, heard = win, event) => {
        if (kind === "once") remove(target, name, handler);
        const given = kind
          ? [(event || new BaseEvent({ data: args, compatData: args })).setType(name).setTarget(heard)]
          : args;
        return handler.apply(heard, given as never[]);
      };
      const listener = { handler_: handler, source_: sourceOf(handler), active_: true, invoke_: invoke };
      lists(target).set(name, [...list, listener]);
      changes.count_++;
    },
  };
}
