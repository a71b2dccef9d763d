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
  if (!value || typeof value !== "object") return value;
  const budget = { left: UNTRACKED_OBJECTS };
  const copy = copyTree(value, budget);
  return (budget.left < 0 ? copyGraph(value) : copy) as T;
}

/** The fast way, for trees of arrays and plain objects; overdraws the budget where the value is something else. */
function copyTree(value: object, budget: { left: number }): object {
  if (--budget.left < 0) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice();
    for (let i = 0; i < copy.length; i++) {
      const item = copy[i];
      if (item && typeof item === "object") copy[i] = copyTree(item, budget);
    }
    return copy;
  }
  if (!isPlain(value)) {
    budget.left = -1;
    return value;
  }
  const copy = shell(value) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    const item = value[key];
    const copied = item && typeof item === "object" ? copyTree(item, budget) : item;
    if (key === "__proto__") setOwn(copy, key, copied);
    else copy[key] = copied;
  }
  return copy;
}

/** The thorough way: any depth, cycles, all kinds. Works through a queue, so deep data cannot exhaust the stack. */
function copyGraph(root: object): object {
  // A Map hands out entries added while it is walked, so this is the queue as well.
  const copies = new Map<object, object>();
  const copyOf = <V>(value: V): V => {
    if (!value || typeof value !== "object") return value;
    let copy = copies.get(value);
    if (!copy) {
      copy = shell(value);
      if (copy !== value) copies.set(value, copy);
    }
    return copy as V;
  };
  const result = copyOf(root);
  copies.forEach((copy, value) => {
    if (value instanceof Map) {
      value.forEach((item, key) => {
        (copy as typeof value).set(copyOf(key), copyOf(item));
      });
    } else if (value instanceof Set) {
      value.forEach((item) => {
        (copy as typeof value).add(copyOf(item));
      });
    } else {
      for (const key of Object.keys(value))
        setOwn(copy, key, copyOf((value as Record<string, unknown>)[key]));
    }
  });
  return result;
}

/** An empty container of the value's kind, or the value itself where it cannot be copied. */
function shell(value: object): object {
  if (Array.isArray(value)) return new Array(value.length);
  if (isPlain(value)) return Object.getPrototypeOf(value) ? {} : Object.create(null);
  if (value instanceof Date) return new Date(+value);
  if (value instanceof Map) return new Map();
  return value instanceof Set ? new Set() : value;
}
