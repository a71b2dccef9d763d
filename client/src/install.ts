import { print } from "./bx/report";
import type { BxGlobal, FindBx, Win } from "./bx/types";
import type { Seam } from "./env";
import type { Protocol } from "./protocols/types";
import { createPullClient } from "./pull/client";
import type { PullOptions } from "./pull/options";
import type { StandIn } from "./transport/long-polling";

/** What a generated script was built with. */
export interface InstallSettings extends PullOptions {
  /** Start as soon as the document is ready. */
  autostart?: boolean;
}

/** The globals, ours or those the page had; none of them where no `BX` is to be had. */
export interface Installed {
  BX: BxGlobal;
  PullClient: unknown;
  PULL: unknown;
}

/**
 * Puts `BX`, `BX.PullClient` and `BX.PULL` on the window, each only where the page has none. Nothing runs
 * before `BX.PULL.start()`, which `autostart` calls once the document is ready.
 *
 * @param protocols - what the client can speak; a portal's server version needs one of them
 * @param longPolling - for where sockets do not get through; without it there are only sockets
 * @param findBx - where `BX` comes from: the shim, or the page alone
 * @param win - the page's window, and what the client takes from its surroundings unless there is a `bxPullEnv`
 */
export function install(
  settings: InstallSettings,
  protocols: readonly Protocol[],
  longPolling: StandIn | undefined,
  findBx: FindBx,
  win: Win & Seam = window,
): Partial<Installed> {
  const bx = findBx(win);
  if (!bx) return {};
  const { BX } = bx;
  if (BX.PullClient) {
    print(win, "log", "BX.PullClient is kept");
  } else {
    const PullClient = createPullClient(bx, win.bxPullEnv || win, protocols, longPolling);
    BX.PullClient = PullClient;
    if (!BX.PULL) {
      const pull = new PullClient(settings);
      BX.PULL = pull;
      if (settings.autostart) {
        BX.ready(() => pull.start().catch((error: Error) => print(win, "error", error.message)));
      }
    }
  }
  return { BX, PullClient: BX.PullClient, PULL: BX.PULL };
}
