import { BaseEvent } from "./event";
import { isObject } from "./own";
import type { EventRegistry, ListenerOptions } from "./registry";
import { print } from "./report";
import type {
  AnyFunction,
  BxEventCore,
  BxEventEmitter,
  BxEventEmitterClass,
  EmitterHandler,
  Win,
} from "./types";

/** The page's view of a registry: functions that take what pages pass, and report what they cannot use. */
export interface EventCore {
  custom: BxEventCore;
  EventEmitter: BxEventEmitterClass;
}

/** Makes `addCustomEvent` and its kin, and `EventEmitter`, all over one registry. */
export function createCore(win: Win, registry: EventRegistry): EventCore {
  /** Splits `([object,] name, …rest)`; reports and returns null when the parts are not of the kinds asked for. */
  function parse(
    method: string,
    args: unknown[],
    rest: string,
    fits: (rest: unknown[]) => boolean,
  ): [target: object | null, name: string, ...rest: unknown[]] | null {
    const [target, name, ...others] = typeof args[0] === "string" ? [null, ...args] : args;
    if (typeof name === "string" && name && (target == null || isObject(target)) && fits(others)) {
      return [target || null, name, ...others];
    }
    const got = args.map((arg) => (arg === null || arg === "" ? JSON.stringify(arg) : typeof arg)).join(", ");
    print(
      win,
      "error",
      `[bxpull] BX.${method}(${got}) is ignored: pass ([object,] event name${rest && `, ${rest}`})`,
    );
    return null;
  }

  const one = ([handler]: unknown[]) => typeof handler === "function";
  const any = () => true;
  const argsFit = ([args]: unknown[]) => args == null || (typeof args === "object" && "length" in args);

  const adder =
    (method: string, options?: ListenerOptions) =>
    (...args: unknown[]): void => {
      const parts = parse(method, args, "function", one);
      if (parts) registry.add(parts[0], parts[1], parts[2] as AnyFunction, options);
    };
  const remover =
    (method: string) =>
    (...args: unknown[]): void => {
      const parts = parse(method, args, "function", one);
      if (parts) registry.remove(parts[0], parts[1], parts[2] as AnyFunction);
    };

  const custom: BxEventCore = {
    addCustomEvent: adder("addCustomEvent"),
    removeCustomEvent: remover("removeCustomEvent"),
    removeAllCustomEvents(...args: unknown[]): void {
      const parts = parse("removeAllCustomEvents", args, "", any);
      if (parts) registry.removeAll(parts[0], parts[1]);
    },
    onCustomEvent(...args: unknown[]): void {
      const parts = parse("onCustomEvent", args, "array of arguments, secure", argsFit);
      if (!parts) return;
      const given = parts[2] as ArrayLike<unknown> | null | undefined;
      registry.emit(
        parts[0],
        parts[1],
        Array.isArray(given) ? given : Array.from(given || []),
        parts[3] === true,
      );
    },
  };

  const Emitter = "Event.EventEmitter.";
  const subscribe = adder(`${Emitter}subscribe`, { emitter: true });
  const subscribeOnce = adder(`${Emitter}subscribeOnce`, { emitter: true, once: true });
  const unsubscribe = remover(`${Emitter}unsubscribe`);
  function unsubscribeAll(...args: unknown[]): void {
    if (args.length === 1 && isObject(args[0]) && args[0] !== win) {
      registry.removeAll(args[0]);
      return;
    }
    const parts = parse(`${Emitter}unsubscribeAll`, args, "", any);
    if (parts) registry.removeAll(parts[0], parts[1]);
  }
  function emit(...args: unknown[]): void {
    const parts = parse(`${Emitter}emit`, args, "data", any);
    if (!parts) return;
    const [target, name, data] = parts;
    registry.emit(target, name, data instanceof BaseEvent ? data : new BaseEvent({ data }));
  }

  const namespaces = new WeakMap<object, string>();
  class EventEmitter implements BxEventEmitter {
    static subscribe = subscribe;
    static subscribeOnce = subscribeOnce;
    static unsubscribe = unsubscribe;
    static unsubscribeAll = unsubscribeAll;
    static emit = emit;

    setEventNamespace(namespace: string): void {
      namespaces.set(this, namespace);
    }
    getEventNamespace(): string {
      return namespaces.get(this) || "";
    }
    subscribe(name: string, handler: EmitterHandler): this {
      subscribe(this, fullName(this, name), handler);
      return this;
    }
    subscribeOnce(name: string, handler: EmitterHandler): this {
      subscribeOnce(this, fullName(this, name), handler);
      return this;
    }
    unsubscribe(name: string, handler: EmitterHandler): this {
      unsubscribe(this, fullName(this, name), handler);
      return this;
    }
    unsubscribeAll(name?: string): this {
      if (name === undefined) unsubscribeAll(this);
      else unsubscribeAll(this, fullName(this, name));
      return this;
    }
    emit(name: string, data?: unknown): this {
      emit(this, fullName(this, name), data);
      return this;
    }
  }

  function fullName(emitter: EventEmitter, name: string): string {
    const namespace = namespaces.get(emitter);
    return namespace && typeof name === "string" ? `${namespace}:${name}` : name;
  }

  return { custom, EventEmitter };
}
