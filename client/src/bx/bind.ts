import { getOrMake, isObject } from "../values";
import type { AnyFunction } from "./types";

const sources = /* @__PURE__ */ new WeakMap<AnyFunction, AnyFunction>();
const proxies = /* @__PURE__ */ new WeakMap<object, WeakMap<AnyFunction, AnyFunction>>();

/** `BX.delegate`: a new function that calls the handler with `this` = context. What is no function comes back as is. */
export function delegate<F extends AnyFunction>(handler: F, context: unknown): F {
  if (typeof handler !== "function") return handler;
  const bound = handler.bind(context) as F;
  sources.set(bound, sourceOf(handler));
  return bound;
}

/**
 * `BX.proxy`: as `delegate`, but the same pair gives the same function, so that it can be removed later.
 * Without an object to bind to, the handler itself is that function.
 */
export function proxy<F extends AnyFunction>(handler: F, context: unknown): F {
  if (!isObject(handler) || !isObject(context)) return handler;
  const bound = getOrMake(proxies, context, () => new WeakMap());
  return getOrMake(bound, handler, () => delegate(handler, context)) as F;
}

/** The function the page wrote, seen through any `delegate` and `proxy` around it. */
export function sourceOf(handler: AnyFunction): AnyFunction {
  return sources.get(handler) || handler;
}
