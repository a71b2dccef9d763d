import { shim } from "./bx/shim";
import { text } from "./protocols/text";
import { protobuf } from "./protocols/protobuf";
import { jsonRpc } from "./protocols/jsonrpc";
import { sharedWorker } from "./transport/shared-worker";
import { install } from "./install";
export const { BX, PullClient, PULL } = typeof window === "undefined" ? {} : install(__BXPULL_SETTINGS__, [text, protobuf, jsonRpc], sharedWorker(undefined, import.meta.url), shim);
