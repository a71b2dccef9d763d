import { isPlain, setOwn } from "./own";

/** Objects copied before looking for cycles: JSON has none, and the bookkeeping costs more than the copy. */
const UNTRACKED_OBJECTS = 2000;

/**
 * Copies a value deeply, so that one handler's changes never reach another.
 *
 * Arrays, plain objects (own enumerable string keys), `Date`, `Map` and `Set` are copied, however deep, with
 * cycles and shared parts kept. Functions, DOM nodes and all other class instances cannot be copied soundly
 * and stay the same object. A key called `__proto__` is data like any other.
 */
export function clone<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  const copied = copyTree(value, { left: UNTRACKED_OBJECTS });
  return (copied === null ? copyGraph(value) : copied) as T;
}

/** The fast way, for trees of arrays and plain objects; null when the value turns out to be something else. */
function copyTree(value: object, budget: { left: number }): object | null {
  if (--budget.left < 0) return null;
  if (Array.isArray(value)) {
    const copy: unknown[] = Array.prototype.slice.call(value);
    for (let i = 0; i < copy.length; i++) {
      const item = copy[i];
      if (typeof item === "object" && item !== null) {
        const copied = copyTree(item, budget);
        if (copied === null) return null;
        copy[i] = copied;
      }
    }
    return copy;
  }
  if (!isPlain(value)) return null;
  const copy: Record<string, unknown> = emptyLike(value);
  for (const key of Object.keys(value)) {
    let item = value[key];
    if (typeof item === "object" && item !== null) {
      item = copyTree(item, budget);
      if (item === null) return null;
    }
    if (key === "__proto__") setOwn(copy, key, item);
    else copy[key] = item;
  }
  return copy;
}

/** The thorough way: any depth, cycles, all kinds. Works through a queue, so deep data cannot exhaust the stack. */
function copyGraph(root: object): object {
  const copies = new Map<object, object>();
  const copyOf = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const copy = copies.get(value) || shell(value);
    // A Map hands out entries added while it is walked, so `copies` is the queue as well.
    copies.set(value, copy);
    return copy;
  };
  const result = copyOf(root) as object;
  copies.forEach((copy, value) => {
    if (copy === value || value instanceof Date) return;
    if (Array.isArray(value)) {
      value.forEach((item, i) => {
        (copy as unknown[])[i] = copyOf(item);
      });
    } else if (value instanceof Map) {
      for (const [key, item] of value) (copy as typeof value).set(copyOf(key), copyOf(item));
    } else if (value instanceof Set) {
      for (const item of value) (copy as typeof value).add(copyOf(item));
    } else {
      const source = value as Record<string, unknown>;
      for (const key of Object.keys(source)) setOwn(copy, key, copyOf(source[key]));
    }
  });
  return result;
}

/** An empty container of the value's kind, or the value itself where it cannot be copied. */
function shell(value: object): object {
  if (Array.isArray(value)) return new Array(value.length);
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  return isPlain(value) ? emptyLike(value) : value;
}

/** Objects without a prototype stay so. */
function emptyLike(value: object): Record<string, unknown> {
  return Object.getPrototypeOf(value) === null ? Object.create(null) : {};
}
