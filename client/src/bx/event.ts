/** What an EventEmitter listener gets: one event's name, target and data. */
export class BaseEvent {
  // Declared only: defined fields need a helper in scripts for older browsers.
  declare private type: string;
  declare private data: unknown;
  declare private target: unknown;
  declare private compatData: unknown;
  declare private prevented: boolean;

  /** @param options - `data` for EventEmitter listeners, `compatData` (args) for `addCustomEvent` listeners. */
  constructor({ data = {}, compatData = null }: { data?: unknown; compatData?: unknown } = {}) {
    this.type = "";
    this.data = data;
    this.target = null;
    this.compatData = compatData;
    this.prevented = false;
  }

  /** The full event name, in lower case. */
  getType(): string {
    return this.type;
  }

  setType(name: string): this {
    this.type = name.toLowerCase();
    return this;
  }

  /** The emitted data; for an event of `onCustomEvent` the array of its args. */
  getData(): unknown {
    return this.data;
  }

  setData(data: unknown): this {
    this.data = data;
    return this;
  }

  /** The object whose event this is; the window for events of no object. */
  getTarget(): unknown {
    return this.target;
  }

  setTarget(target: unknown): this {
    this.target = target;
    return this;
  }

  /** The args that `addCustomEvent` listeners get, or null when none were set. */
  getCompatData(): unknown {
    return this.compatData;
  }

  setCompatData(args: unknown): this {
    this.compatData = args;
    return this;
  }

  /** Tells the emitter that a listener objects to what follows by default. */
  preventDefault(): void {
    this.prevented = true;
  }

  isDefaultPrevented(): boolean {
    return this.prevented;
  }
}
