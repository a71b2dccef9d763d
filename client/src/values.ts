/** The first value that is neither undefined nor null. */
export function firstGiven<T>(...values: (T | undefined | null)[]): T {
  return values.find((value) => value !== undefined && value !== null) as T;
}

/** A function or an object that is not null: what may be an event's target. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return !!value && (typeof value === "function" || typeof value === "object");
}

/** True for what `{}`, `Object.create(null)` and JSON make, of any frame. */
export function isPlain(value: object): boolean {
  const proto = Object.getPrototypeOf(value);
  return !proto || (!Object.getPrototypeOf(proto) && !Array.isArray(value));
}

/** Sets an own property whatever the key is called: `__proto__` stays data, a read-only `name` is replaced. */
export function setOwn(object: object, key: PropertyKey, value: unknown, enumerable = true): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true });
}

/** An object with these properties, whatever their names: `__proto__` too is data. */
export function fromEntries<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const object: Record<string, T> = {};
  for (const [name, value] of entries) setOwn(object, name, value);
  return object;
}
