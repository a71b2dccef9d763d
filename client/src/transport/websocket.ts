import type { Env } from "../env";
import type { OpenTransport } from "./types";

const OPEN = 1;

/** WebSocket as a {@link Transport}. */
export function webSocketTransport(env: Env): OpenTransport {
  return (url, handlers) => {
    if (!env.openSocket_) throw new Error("no WebSocket");
    const socket = env.openSocket_(url);
    socket.onopen = handlers.onOpen_;
    socket.onmessage = ({ data }) => handlers.onMessage_(data);
    socket.onclose = ({ code, reason }) => handlers.onClose_(code, reason);
    return {
      isOpen_: () => socket.readyState === OPEN,
      close_(code, reason) {
        // Detached: nothing that a closing socket still says is of interest.
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close(code, reason);
      },
    };
  };
}
