import type { Protocol } from "./types";

/** JSON-RPC 2.0: server versions from 5 on. */
export const jsonRpc: Protocol = { name_: "jsonrpc" };
