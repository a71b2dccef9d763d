import { isObject } from "../values";
import { BaseEvent } from "./event";
import type { EventRegistry } from "./registry";
import { print } from "./report";
import type { BxEventCore, BxEventEmitterClass, Win } from "./types";

/** The page's view of a registry: functions that take what pages pass, and report what they cannot use. */
export interface EventCore {
  custom: BxEventCore;
  EventEmitter: BxEventEmitterClass;
}

type Method = (...args: unknown[]) => void;
type Action = (target: object | null, name: string, value: never, more: unknown) => void;
type Check = (value: unknown) => boolean;

const isFunction: Check = (value) => typeof value === "function";
const isList: Check = (value) => value == null || (typeof value === "object" && "length" in value);
const isAnything: Check = () => true;

/** Makes `addCustomEvent` and its kin, and `EventEmitter`, all over one registry. */
export function createCore(win: Win, registry: EventRegistry): EventCore {
  /** A function that sorts out `([object,] name, value, more)` first. */
  function method(check: Check, act: Action, nameless?: boolean): Method {
    return (...args) => {
      if (typeof args[0] === "string") args.unshift(null);
      const [target, name, value, more] = args as [object | null | undefined, string, unknown, unknown];
      const named = typeof name === "string" && name;
      const all = nameless && args.length === 1 && target && target !== win;
      if ((named || all) && (target == null || isObject(target)) && check(value)) {
        act(target || null, (named && name.toLowerCase()) as string, value as never, more);
      } else {
        print(win, "error", "a BX event function was given what it cannot use:", ...args);
      }
    };
  }

  const { add, remove, emit } = registry;
  const statics: Record<string, Method> = {
    subscribe: method(isFunction, (target, name, fn) => add(target, name, fn, { emitter: true })),
    subscribeOnce: method(isFunction, (target, name, fn) =>
      add(target, name, fn, { emitter: true, once: true }),
    ),
    unsubscribe: method(isFunction, remove),
    unsubscribeAll: method(isAnything, (target, name) => remove(target, name), true),
    emit: method(isAnything, (target, name, data: unknown) =>
      emit(target, name, data instanceof BaseEvent ? data : new BaseEvent({ data })),
    ),
  };

  const namespaces = new WeakMap<object, string>();
  class EventEmitter {
    setEventNamespace(namespace: string): void {
      namespaces.set(this, namespace);
    }
    getEventNamespace(): string {
      return namespaces.get(this) || "";
    }
  }
  for (const name of Object.keys(statics)) {
    const call = statics[name] as Method;
    Object.assign(EventEmitter, { [name]: call });
    Object.assign(EventEmitter.prototype, {
      [name](this: EventEmitter, event: unknown, ...rest: unknown[]) {
        const namespace = this.getEventNamespace();
        if (event === undefined) call(this);
        else call(this, namespace ? `${namespace}:${event}` : event, ...rest);
        return this;
      },
    });
  }

  return {
    custom: {
      addCustomEvent: method(isFunction, (target, name, fn) => add(target, name, fn)),
      removeCustomEvent: method(isFunction, remove),
      removeAllCustomEvents: method(isAnything, (target, name) => remove(target, name)),
      onCustomEvent: method(isList, (target, name, args: ArrayLike<unknown> | null, secure) =>
        emit(target, name, Array.from(args || []), secure === true),
      ),
    } as unknown as BxEventCore,
    EventEmitter: EventEmitter as unknown as BxEventEmitterClass,
  };
}
