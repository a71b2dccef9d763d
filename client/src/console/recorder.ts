import type { Env } from "../env";
import type { Buffer } from "./buffer";
import { entryOf } from "./events";
import { createFilter, type Filter, type Wanted } from "./filter";
import { type Families, listen, type PageBx } from "./handlers";

/** What is captured. */
export interface StartOptions {
  /** Events of this module, these modules, or those that the expression finds; default: of all. */
  module?: Wanted;
  /** The same for commands. */
  command?: Wanted;
  /** How many events are kept; default: 1,000. */
  limit?: number;
}

/** Captures events into a buffer. While it is stopped there is no listener, and no cost. */
export interface Recorder {
  isPaused_: boolean;
  isRunning_(): boolean;
  start_(options: StartOptions): void;
  stop_(): void;
}

/**
 * @param heard - which families of handlers the client was seen to call
 * @param isOurs - whether the console itself raises the events right now
 * @param changed - is called after each event
 */
export function createRecorder(
  BX: PageBx,
  env: Env,
  buffer: Buffer,
  heard: Families,
  isOurs: () => boolean,
  changed: () => void,
): Recorder {
  let filter: Filter;
  let end: (() => void) | undefined;

  const recorder: Recorder = {
    isPaused_: false,
    isRunning_: () => !!end,
    start_({ module, command, limit = buffer.limit_ }) {
      const wanted = createFilter(module, command);
      if (!(Number.isInteger(limit) && limit > 0)) {
        throw new TypeError(`option limit: ${limit} is not a number of events; give one like 1000`);
      }
      filter = wanted;
      buffer.setLimit_(limit);
      recorder.isPaused_ = false;
      end ||= listen(BX, heard, isOurs, (kind, module, command, params, extra) => {
        if (recorder.isPaused_ || !filter(String(module), String(command))) return;
        const time = new Date(env.Date.now()).toISOString();
        buffer.push_(
          entryOf(kind, { time, module: String(module), command: String(command), params, extra }),
        );
        changed();
      });
    },
    stop_() {
      if (end) end();
      end = undefined;
    },
  };
  return recorder;
}
