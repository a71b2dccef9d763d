import { textCodec } from "./text";
import type { Codec } from "./types";

/** The format to ask a server of this version for; every one from 1 to 4 can send text. */
export function codecFor(_serverVersion: unknown): Codec {
  return textCodec;
}
