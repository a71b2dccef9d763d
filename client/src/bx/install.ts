import { isObject, setOwn } from "../values";
import { delegate, proxy } from "./bind";
import { createCore } from "./core";
import { BaseEvent } from "./event";
import { createMessage } from "./message";
import { createPageHelpers } from "./page";
import { createRegistry, type EventRegistry } from "./registry";
import { createType } from "./type";
import type { BxGlobal, Win } from "./types";

/** The page's `BX`, and who hears its events. */
export interface InstalledBx {
  BX: BxGlobal;
  /** All listeners, or null when the page has its own event core: then only `BX.onCustomEvent` reaches them. */
  registry: EventRegistry | null;
}

/** Marks our `onCustomEvent`, so that every copy of this script finds the registry of the first. */
const REGISTRY = "bxpull.registry.1";

/**
 * Makes sure that the window has a `BX` with event core and helpers, and adds only what is missing. A page's
 * own event core (`addCustomEvent` and `onCustomEvent`) is left as it is; half of one is replaced.
 */
export function installBx(win: Win): InstalledBx {
  const page = win as unknown as { BX?: BxGlobal };
  // An element with the id "BX" is a property of the window too.
  if (!isObject(page.BX) || page.BX.nodeType) setOwn(win, "BX", {});
  const BX = page.BX as BxGlobal;

  let registry = registryOf(BX);
  if (typeof BX.addCustomEvent !== "function" || typeof BX.onCustomEvent !== "function") {
    registry = createRegistry(win);
    const { custom, EventEmitter } = createCore(win, registry);
    setOwn(custom.onCustomEvent, Symbol.for(REGISTRY), registry, false);
    Object.assign(BX, custom);
    if (!isObject(BX.Event)) BX.Event = {};
    addMissing(BX.Event, { EventEmitter, BaseEvent });
  }

  addMissing(BX, { delegate, proxy, type: createType() });
  addMissing(BX, createPageHelpers(win, BX));
  if (typeof BX.message !== "function") BX.message = createMessage(BX.message);
  return { BX, registry };
}

function registryOf(BX: BxGlobal): EventRegistry | null {
  const marked = (BX.onCustomEvent || {}) as unknown as Record<symbol, EventRegistry>;
  return marked[Symbol.for(REGISTRY)] || null;
}

function addMissing(target: object, members: object): void {
  const present = target as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    if (present[name] === undefined) present[name] = (members as typeof present)[name];
  }
}
