import type { Env } from "../env";
import type { OpenTransport } from "./types";

const OPEN = 1;

/** WebSocket as a {@link Transport}. */
export function webSocketTransport(env: Env): OpenTransport {
  return (url, handlers) => {
    if (!env.openSocket) throw new Error("this browser has no WebSocket");
    const socket = env.openSocket(url);
    socket.binaryType = "arraybuffer";
    let live = true;
    socket.onopen = () => live && handlers.onOpen();
    socket.onmessage = (event) => live && handlers.onMessage(event.data);
    socket.onclose = (event) => {
      if (!live) return;
      live = false;
      handlers.onClose(event.code, event.reason);
    };
    return {
      isOpen: () => live && socket.readyState === OPEN,
      send(data) {
        const open = live && socket.readyState === OPEN;
        if (open) socket.send(data as string);
        return open;
      },
      close(code, reason) {
        live = false;
        // Detached: a socket that is still closing must not keep the client alive through its handlers.
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close(code, reason);
      },
    };
  };
}
