import type { Cursor } from "./worker/messages";

/** Where a client is in a server's stream. */
export interface Position {
  mid: string;
  tag?: unknown;
  time?: unknown;
}

/** Holds the position from which the next connection continues. */
export interface Stream {
  position_: Position;
  /** The same in the numbers of a stream that tabs share. */
  cursor_?: Cursor | undefined;
  /** A mid made up from the clock, to resume from while no message has come; "": none. */
  anchor_: string;
  /** The end of the gap that was told last; "": none. */
  told_: string;
  /** The server's history that the position is of, by the mid where it begins; "": not known. */
  begin_: string;
  /** Position of the last verdict, by which those who go on polling say that it has reached them; "": none. */
  verdict_: string;
  /** Is there more to hand on of what has come? Then the position is behind it. */
  isBusy_(): unknown;
  /** Continues from a mid, as if everything up to it had been seen; from "" as one that is new. */
  resume_(mid: string): void;
}

/** What tells a server where to continue. */
export const resumeFrom = ({ position_, anchor_ }: Stream): Position =>
  position_.mid ? position_ : { mid: anchor_ };

/** Ids of one length are in order; others (of other servers) cannot be compared. */
export const isLater = (mid: string, other: string) => mid > other || mid.length !== other.length;
