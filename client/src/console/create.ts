import { reportError } from "../bx/report";
import type { Env } from "../env";
import { createBuffer } from "./buffer";
import { type CapturedEvent, type Entry, eventOf, shownEvent } from "./events";
import { saveFile } from "./files";
import { type Families, handOn, type PageBx } from "./handlers";
import { fromLines, readEvent, toLines } from "./lines";
import { TAG } from "./panel/tag";
import { createPlayer } from "./player";
import { createRecorder, type StartOptions } from "./recorder";

const DEFAULT_LIMIT = 1000;

/** Which events are replayed. */
export interface ReplayOptions {
  /** Place among {@link PullConsole.events}; default: the first. */
  from?: number;
  /** Place of the first one that is left out; default: none is. */
  to?: number;
  /** 1: with the pauses that were between them, 2: twice as fast; default: without pauses. */
  speed?: number;
}

/** `BX.PullConsole`. */
export interface PullConsole {
  /** Begins to capture, or goes on with another filter. */
  start(options?: StartOptions): void;
  /** Ends capturing, and a replay that is under way. What was captured stays. */
  stop(): void;
  /** Captures nothing until it is called with false, or `start()` is. */
  pause(flag?: boolean): void;
  /** Forgets what was captured. */
  clear(): void;
  /** Copies of the events, oldest first; secrets in them are fingerprints, unless `unsafe` is true. */
  events(options?: { unsafe?: boolean }): CapturedEvent[];
  /** The events as JSON Lines, secrets as fingerprints. */
  export(): string;
  /** Saves {@link export} as a file. */
  download(name?: string): void;
  /** Puts a file's events in the place of the present ones; returns how many. Throws SyntaxError. */
  load(text: string): number;
  /** Hands an event of your own to the page's handlers, and keeps it, marked `synthetic`. Throws SyntaxError. */
  emit(event: Partial<CapturedEvent>): void;
  /** Hands events to the page's handlers again, in order; resolves with how many. */
  replay(options?: ReplayOptions): Promise<number>;
  /** The same with the next one, or the one at `from`; returns it, or undefined after the last. */
  step(options?: { from?: number }): CapturedEvent | undefined;
  /** Opens the panel at the bottom of the page: `<bx-pull-console>`. */
  show(): void;
  /** Closes it. */
  hide(): void;
}

/** What the panel is made of. */
export type ConsoleParts = ReturnType<typeof createConsole>;

/** @param win - the page's window: the target of the events that are raised */
export function createConsole(BX: PageBx, win: Window, env: Env) {
  const heard: Families = { desktop_: false, mobile_: false };
  const buffer = createBuffer(DEFAULT_LIMIT);
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  const player = createPlayer(
    env,
    buffer,
    (entry) => handOn(BX, win, heard, entry, (error) => reportError(env, error, "replay: a handler threw")),
    changed,
  );
  const recorder = createRecorder(BX, env, buffer, heard, () => player.isGiving_, changed);
  const all = () => buffer.numbers_().map((number) => buffer.get_(number) as Entry);
  /** Puts others in the place of all events; the first is the next to be replayed. */
  function replace(entries: readonly Entry[]): void {
    player.halt_();
    buffer.replace_(entries);
    player.next_ = buffer.first_;
    changed();
  }
  /** Changes something, of which the panel is told. */
  const telling =
    <Args extends unknown[]>(act: (...args: Args) => void) =>
    (...args: Args) => {
      act(...args);
      changed();
    };

  const api: PullConsole = {
    start: telling((options = {}) => recorder.start_(options)),
    stop: telling(() => {
      recorder.stop_();
      player.halt_();
    }),
    pause: telling((flag = true) => {
      recorder.isPaused_ = flag;
    }),
    clear: () => replace([]),
    events: ({ unsafe } = {}) => all().map(unsafe ? eventOf : shownEvent),
    export: () => toLines(all()),
    download(name = `pull-events-${new Date(env.Date.now()).toISOString().replace(/:/g, "-")}.jsonl`) {
      saveFile(win, name, api.export());
    },
    load(text) {
      const entries = fromLines(text);
      replace(entries);
      return entries.length;
    },
    emit(event) {
      const time = new Date(env.Date.now()).toISOString();
      const { next_: next } = player;
      buffer.push_(readEvent({ time, ...event, synthetic: true } as CapturedEvent));
      player.give_(buffer.first_ + buffer.size_ - 1);
      // A replay goes on where it was.
      player.next_ = next;
      changed();
    },
    replay({ from = 0, to = buffer.size_, speed = Infinity } = {}) {
      if (!(speed > 0))
        throw new TypeError(`option speed: ${speed} is not above 0; give one like 1, or none`);
      return player.play_(buffer.numbers_().slice(from, to), speed);
    },
    step({ from } = {}) {
      if (from !== undefined) player.next_ = buffer.first_ + from;
      for (let number = Math.max(player.next_, buffer.first_); ; number++) {
        const entry = buffer.get_(number);
        if (!entry || player.give_(number)) return entry && shownEvent(entry);
      }
    },
    show() {
      const { document } = win;
      if (!document.querySelector(TAG))
        (document.body || document.documentElement).append(document.createElement(TAG));
    },
    hide() {
      const panel = win.document.querySelector(TAG);
      if (panel) panel.remove();
    },
  };
  return {
    api_: api,
    buffer_: buffer,
    player_: player,
    recorder_: recorder,
    watchers_: watchers,
  };
}
