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
  /** Grows with every registration. */
  readonly order: number;
}

/** How a listener was registered. */
export interface ListenerOptions {
  /** Registered by an EventEmitter: wants one event object. */
  emitter?: boolean;
  /** Removed right before its first call. */
  once?: boolean;
}

/**
 * All listeners of a page. Names are case-insensitive. The target null or the window is the global one: its
 * listeners hear the events of every object. The same function is one listener of an event of a target,
 * however often and by whichever function it was added.
 */
export interface EventRegistry {
  add(target: object | null, name: string, handler: AnyFunction, options?: ListenerOptions): void;
  remove(target: object | null, name: string, handler: AnyFunction): void;
  /** Removes the target's listeners of this event, or of all events. */
  removeAll(target: object | null, name?: string): void;
  /**
   * Calls who hears the event, in order of registration. A listener that throws is reported and stops nobody.
   *
   * @param payload - the args of `onCustomEvent`, or an EventEmitter's event object.
   * @param secure - every listener gets its own deep copy of the args.
   */
  emit(target: object | null, name: string, payload: readonly unknown[] | BaseEvent, secure?: boolean): void;
  /**
   * Who hears an event of the global target, in order of registration: a snapshot that later changes leave
   * alone. Cheap enough to be asked for every push event, most of all with a name in lower case.
   */
  globalListeners(name: string): readonly Listener[];
}

/** By event name in lower case. The lists are replaced, never changed: whoever walks one is not disturbed. */
type Lists = Map<string, readonly Listener[]>;

const NOBODY: readonly Listener[] = /* @__PURE__ */ Object.freeze([]);

/** Makes an empty registry for a window. Listeners of an object live no longer than the object. */
export function createRegistry(win: Win): EventRegistry {
  const globals: Lists = new Map();
  const listsOf = new WeakMap<object, Lists>([[win, globals]]);
  let registered = 0;

  function add(
    target: object | null,
    name: string,
    handler: AnyFunction,
    options: ListenerOptions = {},
  ): void {
    const key = name.toLowerCase();
    const lists: Lists = listsOf.get(target || win) || new Map();
    listsOf.set(target || win, lists);
    const list = lists.get(key) || NOBODY;
    if (list.some((listener) => listener.handler === handler)) return;
    const listener: Listener = {
      handler,
      source: sourceOf(handler),
      active: true,
      order: registered++,
      invoke(args, heard = win, event) {
        if (options.once) remove(target, key, handler);
        handler.apply(heard, (options.emitter ? [event || eventOf(args, key, heard)] : args) as never[]);
      },
    };
    lists.set(key, list.concat(listener));
  }

  function remove(target: object | null, name?: string, handler?: AnyFunction): void {
    const lists = listsOf.get(target || win);
    const drop = (list: readonly Listener[] | undefined, key: string) => {
      const others = (list || NOBODY).filter((listener) => {
        const kept = handler && listener.handler !== handler;
        if (!kept) listener.active = false;
        return kept;
      });
      if (others.length) lists?.set(key, others);
      else lists?.delete(key);
    };
    if (name === undefined) lists?.forEach(drop);
    else drop(lists?.get(name.toLowerCase()), name.toLowerCase());
  }

  function globalListeners(name: string): readonly Listener[] {
    return globals.get(name.toLowerCase()) || NOBODY;
  }

  function emit(
    target: object | null,
    name: string,
    payload: readonly unknown[] | BaseEvent,
    secure?: boolean,
  ): void {
    const heard = target || win;
    let listeners = globalListeners(name);
    const own = heard !== win && listsOf.get(heard)?.get(name.toLowerCase());
    if (own) listeners = listeners.concat(own).sort((a, b) => a.order - b.order);
    if (!listeners.length) return;
    const event =
      payload instanceof BaseEvent ? payload.setType(name).setTarget(heard) : eventOf(payload, name, heard);
    for (const listener of listeners) {
      if (!listener.active) continue;
      try {
        // A listener that gets its own copy gets its own event object too.
        if (secure) listener.invoke(clone(payload as readonly unknown[]), heard);
        else listener.invoke(compatArgs(event), heard, event);
      } catch (error) {
        reportError(win, error, `a listener of the event "${name}" threw`);
      }
    }
  }

  return { add, remove, removeAll: remove, emit, globalListeners };
}

function eventOf(args: readonly unknown[], name: string, target: object): BaseEvent {
  return new BaseEvent({ data: args, compatData: args }).setType(name).setTarget(target);
}

/** What an `addCustomEvent` listener gets of an EventEmitter's event: its compat data, else data and event. */
function compatArgs(event: BaseEvent): readonly unknown[] {
  const args = event.getCompatData();
  if (Array.isArray(args)) return args;
  return args === null ? [event.getData(), event] : [args];
}
