import type { Frame } from "../codec/types";

const MAX_FRAMES = 1000;
/** Characters and bytes. */
const MAX_SIZE = 4_194_304;

/** The last frames of a stream, numbered from 1. */
export interface Ring {
  /** Number of the last frame. */
  readonly last_: number;
  /** Numbers a frame and keeps it, unless it is of no use later. */
  push_(frame: Frame, isKept: boolean): number;
  /** Whether all frames after this number are here, those of no use aside. */
  covers_(number: number): boolean;
  after_(number: number): [number, Frame][];
  /** Frames are missing here: nothing before is of use any more. */
  cut_(): void;
}

const sizeOf = (frame: Frame) => (typeof frame === "string" ? frame.length : frame.byteLength);

export function createRing(): Ring {
  const frames = new Map<number, Frame>();
  let size = 0;
  // Up to here frames are gone.
  let floor = 0;

  const ring: { -readonly [K in keyof Ring]: Ring[K] } = {
    last_: 0,
    push_(frame, isKept) {
      ring.last_++;
      if (isKept) {
        frames.set(ring.last_, frame);
        size += sizeOf(frame);
      }
      for (const [number, oldest] of frames) {
        if (frames.size <= MAX_FRAMES && size <= MAX_SIZE) break;
        frames.delete(number);
        size -= sizeOf(oldest);
        floor = number;
      }
      return ring.last_;
    },
    covers_: (number) => number >= floor && number <= ring.last_,
    after_: (number) => [...frames].filter(([other]) => other > number),
    cut_() {
      frames.clear();
      size = 0;
      // A number that no frame has: who had the last one misses something, too.
      floor = ++ring.last_;
    },
  };
  return ring;
}
