import { install } from "./install";
import { text } from "./protocols/text";
import { protobuf } from "./protocols/protobuf";
import { jsonRpc } from "./protocols/jsonrpc";
import { shim } from "./bx/shim";
install(__BXPULL_SETTINGS__, [text, protobuf, jsonRpc], undefined, shim);
