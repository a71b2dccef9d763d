import type { Codec } from "../codec/types";

/** What a push server of some versions speaks. */
export interface Protocol {
  /** As builds name it. */
  readonly name_: "text" | "protobuf" | "jsonrpc";
  readonly codec_?: Codec;
}
