import type { FindListeners } from "./bus";
import type { BaseEvent } from "./event";

/** Any function at all. */
export type AnyFunction = (...args: never[]) => unknown;

/** A listener of `addCustomEvent`: gets the event's args spread, with `this` = the event's target. */
// biome-ignore lint/suspicious/noExplicitAny: page code writes handlers with the parameters it expects.
export type CustomEventHandler = (this: any, ...args: any[]) => unknown;

/** A listener of `EventEmitter.subscribe`: gets one event object. */
export type EmitterHandler = (event: BaseEvent) => unknown;

/** The window an installation belongs to. */
export type Win = Window & typeof globalThis;

/** The functions that make an event core; a page that has both of the first two keeps its own. */
export interface BxEventCore {
  /** Registers a listener of an object's event, or of every object's when no object (or `window`) is given. */
  addCustomEvent(name: string, handler: CustomEventHandler): void;
  addCustomEvent(target: object | null | undefined, name: string, handler: CustomEventHandler): void;
  /** Raises an event. With `secure` every listener gets its own deep copy of the args. */
  onCustomEvent(name: string, args?: readonly unknown[] | null, secure?: boolean): void;
  onCustomEvent(
    target: object | null | undefined,
    name: string,
    args?: readonly unknown[] | null,
    secure?: boolean,
  ): void;
  removeCustomEvent(name: string, handler: CustomEventHandler): void;
  removeCustomEvent(target: object | null | undefined, name: string, handler: CustomEventHandler): void;
  removeAllCustomEvents(name: string): void;
  removeAllCustomEvents(target: object | null | undefined, name: string): void;
}

/** `BX.message`: phrases and options by key, which are also plain properties of the function. */
export interface BxMessage {
  /** Adds phrases, replacing those of the same key. */
  (phrases: object): void;
  /** A phrase, or an empty string when nobody has set it. */
  (key: string): string;
  [key: string]: unknown;
}

/** `BX.type`: predicates that never throw. */
export interface BxType {
  isString(value: unknown): value is string;
  isNotEmptyString(value: unknown): value is string;
  /** NaN is not a number here. */
  isNumber(value: unknown): value is number;
  isBoolean(value: unknown): value is boolean;
  isFunction(value: unknown): value is AnyFunction;
  isUndefined(value: unknown): value is undefined;
  isNull(value: unknown): value is null;
  isNil(value: unknown): value is null | undefined;
  isArray(value: unknown): value is unknown[];
  /** An object or a function. */
  isObject(value: unknown): value is object;
  /** An object, functions excluded. */
  isObjectLike(value: unknown): value is object;
  isPlainObject(value: unknown): value is Record<string, unknown>;
  isDate(value: unknown): value is Date;
  isDomNode(value: unknown): value is Node;
  isElementNode(value: unknown): value is Element;
}

/** `BX.Event.BaseEvent`. */
export interface BaseEventClass {
  /** @param options - `data` for EventEmitter listeners, `compatData` (args) for `addCustomEvent` listeners. */
  new (options?: { data?: unknown; compatData?: unknown }): BaseEvent;
}

/** An emitter: its events are named `Namespace:name` and are heard by global listeners under that name. */
export interface BxEventEmitter {
  setEventNamespace(namespace: string): void;
  getEventNamespace(): string;
  subscribe(name: string, handler: EmitterHandler): this;
  subscribeOnce(name: string, handler: EmitterHandler): this;
  unsubscribe(name: string, handler: EmitterHandler): this;
  /** Without a name, removes the listeners of all events of this emitter. */
  unsubscribeAll(name?: string): this;
  /** Raises an event with this data (or this event object). */
  emit(name: string, data?: unknown): this;
}

/** `BX.Event.EventEmitter`: names are given in full to the static methods. */
export interface BxEventEmitterClass {
  new (): BxEventEmitter;
  subscribe(name: string, handler: EmitterHandler): void;
  subscribe(target: object | null | undefined, name: string, handler: EmitterHandler): void;
  subscribeOnce(name: string, handler: EmitterHandler): void;
  subscribeOnce(target: object | null | undefined, name: string, handler: EmitterHandler): void;
  unsubscribe(name: string, handler: AnyFunction): void;
  unsubscribe(target: object | null | undefined, name: string, handler: AnyFunction): void;
  unsubscribeAll(name: string): void;
  unsubscribeAll(target: object | null | undefined, name?: string): void;
  emit(name: string, data?: unknown): void;
  emit(target: object | null | undefined, name: string, data?: unknown): void;
}

/** `window.BX` once installed. A page with its own event core may lack the members marked optional. */
export interface BxGlobal extends Pick<BxEventCore, "addCustomEvent" | "onCustomEvent"> {
  removeCustomEvent?: BxEventCore["removeCustomEvent"];
  removeAllCustomEvents?: BxEventCore["removeAllCustomEvents"];
  Event?: { EventEmitter?: BxEventEmitterClass; BaseEvent?: BaseEventClass; [name: string]: unknown };
  /** Binds a function to an object. */
  delegate<F extends AnyFunction>(handler: F, context: unknown): F;
  /** As `delegate`, but the same pair gives the same function each time, so that it can be removed. */
  proxy<F extends AnyFunction>(handler: F, context: unknown): F;
  /** Calls the function once the document is parsed: at once when it already is. */
  ready(handler: () => unknown): void;
  message: BxMessage;
  /** The object at a dotted path below `BX`, made where missing; a leading `BX.` may be written or left out. */
  namespace(path: string): Record<string, unknown>;
  type: BxType;
  /** The session's CSRF token: the phrase `bitrix_sessid`, or an empty string. */
  bitrix_sessid(): string;
  /** Prints to the console while `debugStatus` is on. */
  debug(...args: unknown[]): void;
  /** Switches `debug` on or off. */
  debugEnable(flag?: boolean): void;
  debugStatus: unknown;
  [name: string]: unknown;
}

/** The page's `BX`, and who hears its events. */
export interface InstalledBx {
  BX: BxGlobal;
  find_: FindListeners;
}

/** Finds or makes a page's `BX`; undefined where there is none to be had, which it has said then. */
export type FindBx = (win: Win) => InstalledBx | undefined;
