import { print } from "../bx/report";
import type { Win } from "../bx/types";
import type { Seam } from "../env";
import { createConsole, type PullConsole } from "./create";
import type { PageBx } from "./handlers";
import { definePanel } from "./panel/element";

/** What is used of the page's event core. */
const NEEDED = ["addCustomEvent", "removeCustomEvent", "onCustomEvent"] as const;

/**
 * Puts `BX.PullConsole` on the page's `BX`, unless there is one. Nothing runs before `start()` and `show()`.
 *
 * @param win - the page's window, and what the console takes from its surroundings unless there is a `bxPullEnv`
 */
export function installConsole(win: Win & Seam): void {
  const { BX } = win as unknown as { BX?: PageBx & { PullConsole?: PullConsole } };
  const env = win.bxPullEnv || win;
  const missing = NEEDED.find((name) => typeof Object(BX)[name] !== "function");
  if (!BX || missing) {
    print(env, "error", `no BX.${missing}: load the Pull client, or the page's own BX, before the console`);
  } else if (BX.PullConsole) {
    print(env, "log", "BX.PullConsole is kept");
  } else {
    const parts = createConsole(BX, win, env);
    BX.PullConsole = parts.api_;
    definePanel(win, BX, parts);
  }
}
