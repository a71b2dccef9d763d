import { pageBus } from "./bus";
import { print } from "./report";
import type { BxGlobal, FindBx } from "./types";

/** What the client uses of `BX`. */
const NEEDED = ["onCustomEvent", "message", "bitrix_sessid", "ready"] as const;

/** Takes the page's `BX` as it is, for bundles without the shim; says so where it is missing, or what it lacks. */
export const ownBx: FindBx = (win) => {
  const { BX } = win as unknown as { BX: BxGlobal };
  const missing = NEEDED.find((name) => !Object(BX)[name]);
  if (!missing) return { BX, find_: pageBus(BX, win) };
  print(win, "error", `no BX.${missing} yet: load it first, or build with the option shim`);
  return undefined;
};
