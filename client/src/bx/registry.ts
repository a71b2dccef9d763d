import { sourceOf } from "./bind";
import { clone } from "./clone";
import { BaseEvent } from "./event";
import { reportError } from "./report";
import type { AnyFunction, Win } from "./types";

/** One handler of one event. */
export interface Listener {
  /**
   * Calls the handler the way it was registered: by `addCustomEvent` with the args spread and `this` = target,
   * by an EventEmitter with one event object. Throws what the handler throws.
   *
   * @param target - the object whose event it is. Default: the window.
   * @param event - the event object of this emit. Default: a new one that carries the args.
   */
  invoke(args: readonly unknown[], target?: object, event?: BaseEvent): void;
  /** False once removed. Look right before the call: an earlier listener may have removed this one. */
  active: boolean;
  /** The function as registered. */
  readonly handler: AnyFunction;
  /** The function the page wrote, with `BX.delegate` and `BX.proxy` looked through. */
  readonly source: AnyFunction;
}

/** How a listener was registered. */
export interface ListenerOptions {
  /** Registered by an EventEmitter: wants one event object. */
  emitter?: boolean;
  /** Removed right before its first call. */
  once?: boolean;
}

/**
 * All listeners of a page. The target null or the window is the global one: its listeners hear the events of
 * every object. The same function is one listener of an event of a target, however often and by whichever
 * function it was added. Names are told apart by case: `BX.addCustomEvent` and its kin lower them first.
 */
export interface EventRegistry {
  add(target: object | null, name: string, handler: AnyFunction, options?: ListenerOptions): void;
  /** Removes the handler; without one, all of the target's listeners of the event; without a name, of all events. */
  remove(target: object | null, name?: string, handler?: AnyFunction): void;
  /**
   * Calls who hears the event: global listeners, then those of the target, in order of registration. A listener that throws is reported and stops nobody.
   *
   * @param payload - the args of `onCustomEvent`, or an EventEmitter's event object.
   * @param secure - every listener gets its own deep copy of the args.
   */
  emit(target: object | null, name: string, payload: readonly unknown[] | BaseEvent, secure?: boolean): void;
  /**
   * Who hears an event of the global target, in order of registration: a snapshot that later changes leave
   * alone. Cheap enough to be asked for every push event.
   */
  globalListeners(name: string): readonly Listener[];
}

/** By event name. The lists are replaced, never changed: whoever walks one is not disturbed. */
type Lists = Map<string, readonly Listener[]>;

const NOBODY: readonly Listener[] = [];

/** Makes an empty registry for a window. Listeners of an object live no longer than the object. */
export function createRegistry(win: Win): EventRegistry {
  const listsOf = new WeakMap<object, Lists>();

  function lists(target: object | null): Lists {
    const found = listsOf.get(target || win) || new Map();
    listsOf.set(target || win, found);
    return found;
  }

  const find = (target: object | null, name: string) => lists(target).get(name) || NOBODY;

  const registry: EventRegistry = {
    globalListeners: (name) => find(null, name),
    add(target, name, handler, { emitter, once } = {}) {
      const list = find(target, name);
      if (list.some((listener) => listener.handler === handler)) return;
      const listener: Listener = {
        handler,
        source: sourceOf(handler),
        active: true,
        invoke(args, heard = win, event = new BaseEvent({ data: args, compatData: args })) {
          if (once) registry.remove(target, name, handler);
          handler.apply(heard, (emitter ? [event.setType(name).setTarget(heard)] : args) as never[]);
        },
      };
      lists(target).set(name, [...list, listener]);
    },
    remove(target, name, handler) {
      lists(target).forEach((list, key, all) => {
        const rest = list.filter((listener) => {
          const stays = (name && name !== key) || (handler && listener.handler !== handler);
          if (!stays) listener.active = false;
          return stays;
        });
        all.set(key, rest);
      });
    },
    emit(target, name, payload, secure) {
      const heard = target || win;
      const own = heard === win ? NOBODY : find(heard, name);
      const event =
        payload instanceof BaseEvent ? payload : new BaseEvent({ data: payload, compatData: payload });
      event.setType(name).setTarget(heard);
      for (const listener of [...find(null, name), ...own]) {
        if (!listener.active) continue;
        try {
          // A listener that gets its own copy gets its own event object too.
          if (secure) listener.invoke(clone(payload as readonly unknown[]), heard);
          else listener.invoke(compatArgs(event), heard, event);
        } catch (error) {
          reportError(win, error, `a listener of ${name} threw`);
        }
      }
    },
  };
  return registry;
}

/** What an `addCustomEvent` listener gets of an EventEmitter's event: its compat data, else data and event. */
function compatArgs(event: BaseEvent): readonly unknown[] {
  const args = event.getCompatData();
  return Array.isArray(args) ? args : args === null ? [event.getData(), event] : [args];
}
