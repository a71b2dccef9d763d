import { shim } from "../../src/bx/shim";
import type { BxEventCore, BxEventEmitterClass, BxGlobal, Win } from "../../src/bx/types";

/** What a page reports: lines for the console and errors for the window. */
export interface FakePage {
  win: Win;
  lines: unknown[][];
  errors: unknown[];
}

/** A window with a console and error reporting that remember, and whatever else a test needs. */
export function fakePage(extra: object = {}): FakePage {
  const lines: unknown[][] = [];
  const errors: unknown[] = [];
  const console = {
    error: (...args: unknown[]) => lines.push(args),
    log: (...args: unknown[]) => lines.push(args),
  };
  // Timers run at once; what they throw is what a browser hands to its error listeners.
  const setTimeout = (fn: () => void) => {
    try {
      fn();
    } catch (error) {
      errors.push(error);
    }
  };
  return { win: { console, setTimeout, ...extra } as unknown as Win, lines, errors };
}

/** `BX` as a page without one gets it: nothing is optional. */
export type FullBx = BxGlobal &
  BxEventCore & {
    Event: { EventEmitter: BxEventEmitterClass; BaseEvent: typeof import("../../src/bx/event").BaseEvent };
  };

/** A fake page with our `BX` installed. */
export function pageWithBx(extra: object = {}): FakePage & { BX: FullBx } {
  const page = fakePage(extra);
  return { ...page, BX: shim(page.win).BX as FullBx };
}
