import { install } from "./install";
import { jsonRpc } from "./protocols/jsonrpc";
install(__BXPULL_SETTINGS__, [jsonRpc]);
