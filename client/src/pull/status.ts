import type { Status } from "../public/constants";
import type { Scope } from "../scope";

/** How long a lost connection may take to recover before the page is told. */
const OFFLINE_DELAY_MS = 5000;

/** Tells the page how the connection is; says nothing while the page unloads. */
export interface StatusReporter {
  /** @param isLost - the wait for it, if there is one, goes on; any other news ends it */
  announce_(status: Status, isLost?: boolean): void;
  /** The connection was lost: "connect" now, "offline" unless it recovers in time. */
  lost_(): void;
  /** "offline" unless it recovers in time. */
  offlineSoon_(): void;
  /** The page is going away: be silent, until it is shown again. */
  unloading_: boolean;
  /** The client stopped, its timers are gone: say so now, if anything was ever said. */
  stopped_(): void;
}

export function createStatus(scope: Scope, tell: (status: Status) => void): StatusReporter {
  let last: Status | undefined;
  let cancelOffline: (() => void) | undefined;

  const reporter: StatusReporter = {
    unloading_: false,
    announce_(status, isLost) {
      // A page that disconnected and connected in time is told that it is online again.
      const isOld = status === last && !cancelOffline;
      if (cancelOffline && !isLost) {
        cancelOffline();
        cancelOffline = undefined;
      }
      if (reporter.unloading_ || isOld) return;
      last = status;
      if (status === "connect") reporter.offlineSoon_();
      tell(status);
    },
    offlineSoon_() {
      if (last !== "offline" && !cancelOffline) {
        cancelOffline = scope.after_(OFFLINE_DELAY_MS, () => reporter.announce_("offline"));
      }
    },
    lost_() {
      if (last === "online") reporter.announce_("connect", true);
    },
    stopped_() {
      if (last) reporter.announce_("offline");
    },
  };
  return reporter;
}
