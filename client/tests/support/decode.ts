import type { Decode, Envelope, Frame, Warn } from "../../src/codec/types";

/** What a decoder reads of a frame, to its end. */
export function readAll(decode: Decode, frame: Frame, warn: Warn): Envelope[] {
  const envelopes: Envelope[] = [];
  const read = decode(frame, envelopes, warn);
  while (read());
  return envelopes;
}
