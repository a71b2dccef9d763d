import type { Env } from "../env";
import type { OpenTransport } from "./types";

const OPEN = 1;

/** WebSocket as a {@link Transport}. */
export function webSocketTransport(env: Env): OpenTransport {
  return (url, handlers) => {
    if (!env.openSocket) throw new Error("this browser has no WebSocket");
    const socket = env.openSocket(url);
    socket.onopen = handlers.onOpen;
    socket.onmessage = ({ data }) => handlers.onMessage(data);
    socket.onclose = ({ code, reason }) => handlers.onClose(code, reason);
    return {
      isOpen: () => socket.readyState === OPEN,
      close(code, reason) {
        // Detached: nothing that a closing socket still says is of interest.
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close(code, reason);
      },
    };
  };
}
