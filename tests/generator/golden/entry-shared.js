import { shim } from "./bx/shim";
import { text } from "./protocols/text";
import { protobuf } from "./protocols/protobuf";
import { jsonRpc } from "./protocols/jsonrpc";
import { longPolling } from "./transport/long-polling";
import { sharedWorker } from "./transport/shared-worker";
import { install } from "./install";
install(__BXPULL_SETTINGS__, [text, protobuf, jsonRpc], sharedWorker(longPolling, (document.currentScript || {}).src), shim);
