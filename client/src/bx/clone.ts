import { isPlain } from "../values";

type Fields = Record<string, unknown>;

/**
 * Copies a value deeply, so that one handler's changes never reach another: arrays, plain objects (own
 * enumerable keys) and dates, cycles and shared parts kept. Functions, DOM nodes and all other class
 * instances cannot be copied soundly and stay the same object. A key called `__proto__` is data like any other.
 */
export function clone<T>(value: T, copies = new Map<unknown, unknown>()): T {
  if (typeof value !== "object" || !value) return value;
  const list = Array.isArray(value);
  if (value instanceof Date) return new Date(+value) as T;
  if (!list && !isPlain(value)) return value;
  let copy = copies.get(value) as Fields;
  if (!copy) {
    // Spread makes every key an own property, `__proto__` too: then setting it changes no prototype.
    copy = (list ? [] : { ...value }) as Fields;
    copies.set(value, copy);
    for (const key of Object.keys(value)) copy[key] = clone((value as Fields)[key], copies);
  }
  return copy as T;
}

/**
 * The same for what came as JSON, faster: there are no cycles, no shared parts, no instances of classes. Key by key:
 * where objects of many shapes come along, spread takes longer.
 */
export function cloneJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  if (typeof value !== "object" || !value) return value;
  let copy: Fields = {};
  for (const key of Object.keys(value)) {
    // The one key that would set the prototype, were it not an own property already.
    if (key === "__proto__") copy = { ...value, ...copy };
    copy[key] = cloneJson((value as Fields)[key]);
  }
  return copy as T;
}
