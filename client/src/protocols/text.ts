import { textCodec } from "../codec/text";
import type { Protocol } from "./types";

/** Text frames: server versions 1 to 3, and 4 where nothing better is in the bundle. */
export const text: Protocol = { name_: "text", codec_: textCodec };
