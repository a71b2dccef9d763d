import { shim } from "./bx/shim";
import { text } from "./protocols/text";
import { protobuf } from "./protocols/protobuf";
import { jsonRpc } from "./protocols/jsonrpc";
import { install } from "./install";
install(__BXPULL_SETTINGS__, [text, protobuf, jsonRpc], undefined, shim);
