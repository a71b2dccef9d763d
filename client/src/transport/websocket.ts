import type { Env } from "../env";
import { quietly } from "../quietly";
import type { OpenTransport } from "./types";

/** WebSocket as a {@link Transport}. */
export function webSocketTransport(env: Env): OpenTransport {
  return (target, handlers) => {
    const url = target.url_(target.socket_);
    // The browser's own error would repeat the address, which holds secrets.
    const socket = quietly(() => new (env.WebSocket as new (url: string) => WebSocket)(url));
    if (!socket) throw new Error("no WebSocket");
    socket.binaryType = "arraybuffer";
    // Who is told where the stream begins is not online before that.
    let { tells_: waits } = target;
    socket.onopen = () => waits || handlers.onOpen_();
    socket.onmessage = ({ data }) => {
      if (waits) {
        waits = false;
        handlers.onOpen_();
      }
      // Whoever was called may have closed it.
      if (socket.onmessage) handlers.onMessage_(data);
    };
    socket.onclose = ({ code, reason }) => handlers.onClose_(code, reason);
    return {
      send_: (data) => socket.send(data as string),
      close_(code, reason) {
        // Detached: nothing that a closing socket still says is of interest.
        socket.onopen = socket.onmessage = socket.onclose = null;
        // A code or reason that browsers forbid must not keep the connection open.
        quietly(() => socket.close(code, reason));
        socket.close();
      },
    };
  };
}
