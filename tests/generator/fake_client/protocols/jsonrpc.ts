export const jsonRpc = { name: "jsonrpc" };
