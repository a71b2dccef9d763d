import type { Env } from "../env";
import type { Buffer } from "./buffer";
import type { Entry } from "./events";
import { isForHandlers } from "./handlers";

/** After so long the page has its turn, as in a burst of live events. */
const TURN_MS = 16;

/** Hands kept events to the page's handlers again. */
export interface Player {
  /** Number of the event that comes next. */
  next_: number;
  /** Is one being played at its own pace? */
  isPlaying_(): boolean;
  /** Whether events are being handed on right now. */
  isGiving_: boolean;
  /** Hands on one event; false if it is none for handlers, or is no longer kept. */
  give_(number: number): boolean;
  /**
   * Hands on these in order, the pauses between them divided by `speed`; Infinity: no pauses.
   *
   * @returns how many it were; those before {@link halt_}, if that was called
   */
  play_(numbers: readonly number[], speed: number): Promise<number>;
  halt_(): void;
}

/**
 * @param handOn - calls the handlers
 * @param changed - is called after each event
 */
export function createPlayer(
  env: Env,
  buffer: Buffer,
  handOn: (entry: Entry) => void,
  changed: () => void,
): Player {
  let halt: (() => void) | undefined;

  const player: Player = {
    next_: 0,
    isGiving_: false,
    isPlaying_: () => !!halt,
    give_(number) {
      const entry = buffer.get_(number);
      if (entry) player.next_ = number + 1;
      if (!entry || !isForHandlers(entry.kind_, entry.module_)) return false;
      // A handler may hand on another one.
      const { isGiving_: isWithin } = player;
      player.isGiving_ = true;
      try {
        handOn(entry);
      } finally {
        player.isGiving_ = isWithin;
      }
      changed();
      return true;
    },
    play_(numbers, speed) {
      player.halt_();
      return new Promise((resolve) => {
        let at = 0;
        let given = 0;
        let before: number | undefined;
        let timer: number;
        const end = () => {
          env.clearTimeout(timer);
          halt = undefined;
          resolve(given);
          changed();
        };
        const run = () => {
          const began = env.Date.now();
          // A handler may have ended it, or begun another one.
          while (halt === end && at < numbers.length) {
            const number = numbers[at] as number;
            const time = Date.parse(Object(buffer.get_(number)).time_);
            const wait = before === undefined ? 0 : Math.max(0, (time - before) / speed);
            before = time;
            // Only once for each: after the wait there is none.
            if (wait || env.Date.now() - began > TURN_MS) {
              timer = env.setTimeout(run, wait);
              return;
            }
            at++;
            given++;
            if (!player.give_(number)) given--;
          }
          if (halt === end) end();
        };
        halt = end;
        run();
      });
    },
    halt_() {
      if (halt) halt();
    },
  };
  return player;
}
