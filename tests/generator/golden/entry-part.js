import { install } from "./install";
import { jsonRpc } from "./protocols/jsonrpc";
import { ownBx } from "./bx/own";
install(__BXPULL_SETTINGS__, [jsonRpc], undefined, ownBx);
