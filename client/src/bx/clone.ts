import { isObject, isPlain } from "../values";

/**
 * Copies a value deeply, so that one handler's changes never reach another: arrays, plain objects (own
 * enumerable keys) and dates, cycles and shared parts kept. Functions, DOM nodes and all other class
 * instances cannot be copied soundly and stay the same object. A key called `__proto__` is data like any other.
 */
export function clone<T>(value: T, copies = new Map<unknown, unknown>()): T {
  if (value instanceof Date) return new Date(+value) as T;
  const list = Array.isArray(value);
  if (!isObject(value) || (!list && !isPlain(value))) return value;
  let copy = copies.get(value) as Record<string, unknown>;
  if (!copy) {
    // Spread makes every key an own property, `__proto__` too: then setting it changes no prototype.
    copy = (list ? [] : { ...value }) as Record<string, unknown>;
    copies.set(value, copy);
    for (const key of Object.keys(value)) copy[key] = clone(value[key], copies);
  }
  return copy as T;
}

/** The same for what came as JSON, faster: there are no cycles, no shared parts, no instances of classes. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== "object" || !value) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const copy = { ...value } as Record<string, unknown>;
  for (const key of Object.keys(copy)) {
    if (typeof copy[key] === "object") copy[key] = cloneJson(copy[key]);
  }
  return copy as T;
}
