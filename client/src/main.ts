import { shim } from "./bx/shim";
import { install } from "./install";
import { jsonRpc } from "./protocols/jsonrpc";
import { protobuf } from "./protocols/protobuf";
import { text } from "./protocols/text";
import { longPolling } from "./transport/long-polling";

install({}, [text, protobuf, jsonRpc], longPolling, shim);
