import { isObject } from "../values";
import { delegate, proxy } from "./bind";
import { ownBus, pageBus } from "./bus";
import { createCore } from "./core";
import { BaseEvent } from "./event";
import { createMessage } from "./message";
import { createPageHelpers } from "./page";
import { createRegistry } from "./registry";
import { createType } from "./type";
import type { BxGlobal, InstalledBx, Win } from "./types";

/**
 * Makes sure that the window has a `BX` with event core and helpers, and adds only what is missing. A page's
 * own event core (`addCustomEvent` and `onCustomEvent`) is left as it is; half of one is replaced.
 */
export const shim = (win: Win): InstalledBx => {
  const page = win as unknown as { BX?: BxGlobal };
  // An element with the id "BX" is a property of the window too.
  if (!isObject(page.BX) || page.BX.nodeType) page.BX = {} as BxGlobal;
  const BX = page.BX as BxGlobal;

  let find = pageBus(BX, win);
  if (!BX.addCustomEvent || !BX.onCustomEvent) {
    const registry = createRegistry(win);
    const { custom_: custom, EventEmitter } = createCore(win, registry);
    Object.assign(BX, custom);
    find = ownBus(BX, win, registry);
    if (!isObject(BX.Event)) BX.Event = {};
    addMissing(BX.Event, { EventEmitter, BaseEvent });
  }

  addMissing(BX, { delegate, proxy, type: createType(), ...createPageHelpers(win, BX) });
  if (typeof BX.message !== "function") BX.message = createMessage(BX.message);
  return { BX, find_: find };
};

function addMissing(target: object, members: object): void {
  const present = target as Record<string, unknown>;
  for (const [name, member] of Object.entries(members)) {
    if (present[name] === undefined) present[name] = member;
  }
}
