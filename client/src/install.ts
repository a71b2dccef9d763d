import { print } from "./bx/report";
import type { BxGlobal, Shim } from "./bx/types";
import type { Protocol } from "./protocols/types";
import { createPullClient } from "./pull/client";
import type { StandIn } from "./transport/long-polling";

/** What a generated script was built with. */
export interface InstallSettings {
  userId?: number;
  /** Below zero; the page belongs to a guest. */
  guestId?: number;
  siteId?: string;
  restUrl?: string;
  configUrl?: string;
  /** A configuration in place of the portal's. */
  config?: unknown;
  /** Start as soon as the document is ready. */
  autostart?: boolean;
  events?: "desktop" | "mobile" | "both";
  skipCheckRevision?: boolean;
  /** Client id of an OAuth application whose page it is. */
  restApplication?: string;
}

/** The globals, ours or those the page had; undefined where it has no `BX` and the script brings none. */
export interface Installed {
  BX: BxGlobal;
  PullClient: unknown;
  PULL: unknown;
}

/** What the client uses of `BX`. */
const NEEDED = ["onCustomEvent", "message", "bitrix_sessid", "ready"] as const;

/**
 * Puts `BX`, `BX.PullClient` and `BX.PULL` on the window, each only where the page has none. Nothing runs
 * before `BX.PULL.start()`, which `autostart` calls once the document is ready.
 *
 * @param protocols - what the client can speak; a portal's server version needs one of them
 * @param longPolling - for where sockets do not get through; without it there are only sockets
 * @param shim - makes `BX`, or what it lacks; without it the page must have one with its event core and helpers
 */
export function install(
  settings: InstallSettings = {},
  protocols: readonly Protocol[] = [],
  longPolling?: StandIn,
  shim?: Shim,
  win: Window & typeof globalThis = window,
): Installed {
  const own = (win as unknown as Partial<Installed>).BX;
  const bx = shim ? shim(win) : { BX: own as BxGlobal, registry_: null };
  const { BX } = bx;
  const present = Object(BX);
  const missing = NEEDED.find((name) => !present[name]);
  if (present.PullClient) {
    print(win, "log", "BX.PullClient is kept");
  } else if (missing) {
    print(win, "error", `no BX.${missing} yet: load it first, or build with the option shim`);
  } else {
    const PullClient = createPullClient(bx, win, protocols, longPolling);
    BX.PullClient = PullClient;
    if (!BX.PULL) {
      const { guestId, autostart, ...options } = settings;
      const pull = new PullClient(guestId ? { ...options, guestUserId: guestId } : options);
      BX.PULL = pull;
      if (autostart) {
        BX.ready(() => pull.start().catch((error: Error) => print(win, "error", error.message)));
      }
    }
  }
  const { PullClient, PULL } = Object(BX);
  return { BX, PullClient, PULL };
}
