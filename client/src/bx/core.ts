import { BaseEvent } from "./event";
import { isObject } from "./own";
import type { EventRegistry } from "./registry";
import { print } from "./report";
import type { BxEventCore, BxEventEmitterClass, Win } from "./types";

/** The page's view of a registry: functions that take what pages pass, and report what they cannot use. */
export interface EventCore {
  custom: BxEventCore;
  EventEmitter: BxEventEmitterClass;
}

/** What follows the event name: a function that must be one, args that must be array-like, or anything. */
type Rest = "function" | "array of arguments" | "data" | "" | null;

type Action = (target: object | null, name: string, first: never, second: unknown) => void;

type Method = (...args: unknown[]) => void;

/** Makes `addCustomEvent` and its kin, and `EventEmitter`, all over one registry. */
export function createCore(win: Win, registry: EventRegistry): EventCore {
  /** Turns actions into functions that sort out `([object,] name, …rest)` first. */
  function methods(prefix: string, actions: Record<string, [Rest, Action]>): Record<string, Method> {
    const made: Record<string, Method> = {};
    for (const method of Object.keys(actions)) {
      const [rest, act] = actions[method] as [Rest, Action];
      made[method] = (...args) => {
        const [target, name, first, second] = typeof args[0] === "string" ? [null, ...args] : args;
        // Only `unsubscribeAll` can do without a name, and then not for everything on the page.
        const named = name ? typeof name === "string" : rest === null && args.length === 1 && target !== win;
        if (named && (isObject(target) || (target == null && name)) && fits(rest, first)) {
          act((target as object) || null, name as string, first as never, second);
          return;
        }
        const got = args.map((arg) => (arg === null ? "null" : arg === "" ? '""' : typeof arg)).join(", ");
        const wanted = `([object,] event name${rest ? `, ${rest}` : ""})`;
        print(win, "error", `[bxpull] BX.${prefix}${method}(${got}) is ignored: pass ${wanted}`);
      };
    }
    return made;
  }

  const statics = methods("Event.EventEmitter.", {
    subscribe: ["function", (target, name, fn) => registry.add(target, name, fn, { emitter: true })],
    subscribeOnce: [
      "function",
      (target, name, fn) => registry.add(target, name, fn, { emitter: true, once: true }),
    ],
    unsubscribe: ["function", registry.remove],
    unsubscribeAll: [null, (target, name) => registry.removeAll(target, name)],
    emit: [
      "data",
      (target, name, data: unknown) =>
        registry.emit(target, name, data instanceof BaseEvent ? data : new BaseEvent({ data })),
    ],
  });

  const namespaces = new WeakMap<object, string>();
  class EventEmitter {
    setEventNamespace(namespace: string): void {
      namespaces.set(this, namespace);
    }
    getEventNamespace(): string {
      return namespaces.get(this) || "";
    }
  }
  for (const method of Object.keys(statics)) {
    const call = statics[method] as Method;
    const onInstance = function (this: EventEmitter, ...args: unknown[]) {
      const namespace = namespaces.get(this);
      if (namespace && args[0]) args[0] = `${namespace}:${args[0]}`;
      call(this, ...args);
      return this;
    };
    Object.assign(EventEmitter, { [method]: call });
    Object.assign(EventEmitter.prototype, { [method]: onInstance });
  }

  return {
    custom: methods("", {
      addCustomEvent: ["function", (target, name, fn) => registry.add(target, name, fn)],
      removeCustomEvent: ["function", registry.remove],
      removeAllCustomEvents: ["", (target, name) => registry.removeAll(target, name)],
      onCustomEvent: [
        "array of arguments",
        (target, name, args: ArrayLike<unknown> | null, secure) =>
          registry.emit(target, name, Array.from(args || []), secure === true),
      ],
    }) as unknown as BxEventCore,
    EventEmitter: EventEmitter as unknown as BxEventEmitterClass,
  };
}

function fits(rest: Rest, value: unknown): boolean {
  if (rest === "function") return typeof value === "function";
  return rest !== "array of arguments" || value == null || (typeof value === "object" && "length" in value);
}
