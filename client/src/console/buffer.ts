import { type Entry, sizeOf } from "./events";

/** Characters of JSON that are kept, whatever the limit. */
export const MAX_CHARS = 16 * 2 ** 20;

/** The last events, oldest first; those beyond the limits are dropped, the oldest first. */
export interface Buffer {
  /** How many may be kept. */
  limit_: number;
  /** How many are. */
  size_: number;
  /** Number of the oldest; each later one has the next number, and none is used again. */
  first_: number;
  /** The event of a number. */
  get_(number: number): Entry | undefined;
  /** The numbers of all, oldest first. */
  numbers_(): number[];
  push_(entry: Entry): void;
  /** Puts others in the place of all, however many there are. */
  replace_(entries: readonly Entry[]): void;
  setLimit_(limit: number): void;
}

/** @param maxChars - of their JSON texts; the newest is kept whatever its size */
export function createBuffer(limit: number, maxChars = MAX_CHARS): Buffer {
  // Slots before `start` are empty: moving all for each one dropped would cost too much.
  let slots: (Entry | undefined)[] = [];
  let start = 0;
  let chars = 0;

  function trim(): void {
    while (buffer.size_ > buffer.limit_ || (chars > maxChars && buffer.size_ > 1)) {
      chars -= sizeOf(slots[start] as Entry);
      slots[start++] = undefined;
      buffer.size_--;
      buffer.first_++;
    }
    if (start > buffer.size_) {
      slots = slots.slice(start);
      start = 0;
    }
  }

  const buffer: Buffer = {
    limit_: limit,
    size_: 0,
    first_: 0,
    get_: (number) => slots[start + number - buffer.first_],
    numbers_: () => Array.from({ length: buffer.size_ }, (_, index) => buffer.first_ + index),
    push_(entry) {
      slots.push(entry);
      chars += sizeOf(entry);
      buffer.size_++;
      trim();
    },
    replace_(entries) {
      buffer.first_ += buffer.size_;
      slots = [...entries];
      start = 0;
      chars = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
      buffer.size_ = slots.length;
      buffer.limit_ = Math.max(buffer.limit_, buffer.size_);
    },
    setLimit_(limit) {
      buffer.limit_ = limit;
      trim();
    },
  };
  return buffer;
}
