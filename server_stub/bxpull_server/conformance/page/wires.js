// Every wire: the format of the messages, by the version of the server that speaks it, and what carries them.

export const FORMATS = [
  { name: "text", version: 3 },
  { name: "protobuf", version: 4 },
  { name: "JSON-RPC", version: 5 },
];

export const CARRIERS = [
  { name: "WebSocket", transport: "websocket", shared: false },
  { name: "shared worker", transport: "websocket", shared: true },
  { name: "long polling", transport: "long polling", shared: false },
];

/** The wires in the order of the table's columns. */
export const WIRES = [].concat(
  ...FORMATS.map((format) =>
    CARRIERS.map((carrier) => ({
      name: `${format.name}, ${carrier.name}`,
      format: format.name.toLowerCase(),
      version: format.version,
      transport: carrier.transport,
      shared: carrier.shared,
      polls: carrier.transport === "long polling",
    })),
  ),
);

/**
 * Why a wire cannot be tried at all, or "".
 *
 * @param wire One of `WIRES`.
 */
export function impossible(wire) {
  if (wire.transport === "websocket" && typeof WebSocket !== "function")
    return "the browser has no WebSocket";
  return wire.shared && typeof SharedWorker !== "function" ? "the browser has no shared workers" : "";
}
