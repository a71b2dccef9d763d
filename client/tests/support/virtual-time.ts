interface Timer {
  at: number;
  fn: () => void;
  id: number;
}

/** One clock for many environments: time stands still until `run()`, which runs what falls due in order. */
export class VirtualTime {
  /** Milliseconds, as of `Date.now()`. */
  now: number;
  /** By time, then by age. */
  private timers: Timer[] = [];
  private nextId = 1;

  constructor(start: number) {
    this.now = start;
  }

  setTimeout = (fn: () => void, ms = 0): number => {
    const timer = { at: this.now + ms, fn, id: this.nextId++ };
    const later = this.timers.findIndex(({ at }) => at > timer.at);
    this.timers.splice(later < 0 ? this.timers.length : later, 0, timer);
    return timer.id;
  };
  clearTimeout = (id: number): void => {
    const place = this.timers.findIndex((timer) => timer.id === id);
    if (place >= 0) this.timers.splice(place, 1);
  };

  /** Moves the clock by `ms`. */
  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    await settle();
    for (;;) {
      const due = this.timers[0];
      if (!due || due.at > end) break;
      this.timers.shift();
      this.now = due.at;
      due.fn();
      await settle();
    }
    this.now = end;
  }
}

/** Lets promises settle. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
