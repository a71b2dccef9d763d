import type { Protocol } from "./types";

/** Protobuf frames: server version 4. */
export const protobuf: Protocol = { name_: "protobuf" };
