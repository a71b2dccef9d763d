import { isObject, setOwn } from "../values";
import { createEmit } from "./emitter";
import { BaseEvent } from "./event";
import type { EmitterKind, EventRegistry } from "./registry";
import { print } from "./report";
import type { AnyFunction, BxEventCore, BxEventEmitterClass, Win } from "./types";

/** The page's view of a registry: functions that take what pages pass, and report what they cannot use. */
export interface EventCore {
  custom_: BxEventCore;
  EventEmitter: BxEventEmitterClass;
}

type Method = (...args: unknown[]) => void;
type Action = (target: object | null, name: string, value: never, more: unknown) => void;
type Check = (value: unknown) => boolean;

const isFunction: Check = (value) => typeof value === "function";
const isList: Check = (value) => value == null || (typeof value === "object" && "length" in value);

/** Makes `addCustomEvent` and its kin, and `EventEmitter`, all over one registry. */
export function createCore(win: Win, registry: EventRegistry): EventCore {
  const { add_: add, remove_: remove } = registry;
  const emit = createEmit(win, registry);

  /** A function that sorts out `([object,] name, value, more)` first. */
  function method(act: Action, check?: Check, nameless?: boolean): Method {
    return (...args) => {
      if (typeof args[0] === "string") args.unshift(null);
      const [target, name, value, more] = args as [object | null | undefined, string, unknown, unknown];
      const named = typeof name === "string" && name;
      const all = nameless && args.length === 1 && target && target !== win;
      if ((named || all) && (target == null || isObject(target)) && (!check || check(value))) {
        act(target || null, (named && name.toLowerCase()) as string, value as never, more);
      } else {
        print(win, "error", "BX events cannot use", ...args);
      }
    };
  }

  const removeOne = method(remove, isFunction);
  const removeAll = (nameless?: boolean) =>
    method((target, name) => remove(target, name), undefined, nameless);
  const adding = (kind?: EmitterKind) =>
    method((target, name, handler: AnyFunction) => add(target, name, handler, kind), isFunction);

  const statics: Record<string, Method> = {
    subscribe: adding("emitter"),
    subscribeOnce: adding("once"),
    unsubscribe: removeOne,
    unsubscribeAll: removeAll(true),
    emit: method((target, name, data: unknown) =>
      emit(target, name, data instanceof BaseEvent ? data : new BaseEvent({ data })),
    ),
  };

  class EventEmitter {
    declare _eventNamespace: string | undefined;
    setEventNamespace(namespace: string): void {
      this._eventNamespace = namespace;
    }
    getEventNamespace(): string {
      return this._eventNamespace || "";
    }
  }
  for (const [name, call] of Object.entries(statics)) {
    setOwn(EventEmitter, name, call);
    setOwn(EventEmitter.prototype, name, function (this: EventEmitter, event?: unknown, ...rest: unknown[]) {
      const namespace = this.getEventNamespace();
      if (event === undefined) call(this);
      else call(this, namespace ? `${namespace}:${event}` : event, ...rest);
      return this;
    });
  }

  return {
    custom_: {
      addCustomEvent: adding(),
      removeCustomEvent: removeOne,
      removeAllCustomEvents: removeAll(),
      onCustomEvent: method((target, name, list: ArrayLike<unknown> | null, secure) => {
        const args = Array.from(list || []);
        emit(target, name, new BaseEvent({ data: args, compatData: args }), secure === true);
      }, isList),
    } as unknown as BxEventCore,
    EventEmitter: EventEmitter as unknown as BxEventEmitterClass,
  };
}
