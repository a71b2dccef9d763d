import { setOwn } from "../values";

/** What an EventEmitter listener gets: one event's name, target and data. */
export interface BaseEvent {
  /** The full event name, in lower case. */
  getType(): string;
  setType(name: string): this;
  /** The emitted data; for an event of `onCustomEvent` the array of its args. */
  getData(): unknown;
  setData(data: unknown): this;
  /** The object whose event this is; the window for events of no object. */
  getTarget(): unknown;
  setTarget(target: unknown): this;
  /** The args that `addCustomEvent` listeners get, or null when none were set. */
  getCompatData(): unknown;
  setCompatData(args: unknown): this;
  /** Tells the emitter that a listener objects to what follows by default. */
  preventDefault(): void;
  isDefaultPrevented(): boolean;
}

type Fields = Record<string, unknown>;

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the accessors are alike and made in a loop
export class BaseEvent {
  constructor({ data = {}, compatData = null }: { data?: unknown; compatData?: unknown } = {}) {
    this.setData(data).setCompatData(compatData);
  }

  preventDefault(): void {
    (this as unknown as Fields)._prevented = true;
  }

  isDefaultPrevented(): boolean {
    return !!(this as unknown as Fields)._prevented;
  }
}

for (const name of ["Type", "Data", "Target", "CompatData"]) {
  setOwn(BaseEvent.prototype, `get${name}`, function (this: Fields) {
    return this[`_${name}`];
  });
  setOwn(BaseEvent.prototype, `set${name}`, function (this: Fields, value: unknown) {
    this[`_${name}`] = value;
    return this;
  });
}
