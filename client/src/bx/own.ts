/** A function or an object that is not null: what may be an event's target. */
export function isObject(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

/** True for what `{}`, `Object.create(null)` and JSON make, of any frame. */
export function isPlain(value: object): value is Record<string, unknown> {
  const proto = Object.getPrototypeOf(value);
  return proto === null || (Object.getPrototypeOf(proto) === null && !Array.isArray(value));
}

/** The own property's value, never an inherited one. */
export function getOwn(object: object, key: PropertyKey): unknown {
  // Object.hasOwn is younger than the oldest target of a generated script.
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** Sets an own property whatever the key is called: `__proto__` stays data, a read-only `name` is replaced. */
export function setOwn(object: object, key: PropertyKey, value: unknown, enumerable = true): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true });
}
