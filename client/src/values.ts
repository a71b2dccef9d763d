/** The first value that is neither undefined nor null. */
export function firstGiven<T>(...values: (T | undefined | null)[]): T {
  return values.find((value) => value !== undefined && value !== null) as T;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** An object with these properties, whatever their names: `__proto__` too is data. */
export function fromEntries<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const object: Record<string, T> = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}
