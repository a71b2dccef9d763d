/** The first value that is neither undefined nor null. */
export function firstGiven<T>(...values: (T | undefined | null)[]): T {
  for (const value of values) if (value !== undefined && value !== null) return value;
  return undefined as T;
}

/** A function or an object that is not null: what may be an event's target. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value === Object(value);
}

/** True for what `{}`, `Object.create(null)` and JSON objects are, of any frame. */
export function isPlain(value: object): boolean {
  const proto = Object.getPrototypeOf(value);
  return !proto || !Object.getPrototypeOf(proto);
}

/** The property if it is the object's own: nothing that prototypes and functions bring along. */
export function getOwn<T>(object: Record<string, T>, key: string): T | undefined {
  return Object.keys(object).includes(key) ? object[key] : undefined;
}

/** Sets an own property whatever the key is called: `__proto__` stays data, a read-only `name` is replaced. */
export function setOwn(object: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

/** What the map holds for the key; made first if it holds nothing. */
export function getOrMake<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  let found = map.get(key);
  if (!found) {
    found = make();
    map.set(key, found);
  }
  return found;
}
