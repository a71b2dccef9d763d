import { ownBx } from "./bx/own";
import { jsonRpc } from "./protocols/jsonrpc";
import { install } from "./install";
install(__BXPULL_SETTINGS__, [jsonRpc], undefined, ownBx);
