/** Handshakes that may fail for one that succeeds. */
const FAILURES_A_SUCCESS = 4;

/**
 * Sockets and requests that are counted, so that it can be told what is under way.
 *
 * @param ports - of the server; the first is the one that it names itself
 * @param succeed - opens a socket somewhere else, and closes it
 * @param changed - called at every change of a count
 */
function createNetwork(ports, succeed, changed) {
  // What was begun ever, requests, sockets and the ends of these; what of it has not come to its end.
  let begun = 0;
  let pending = 0;
  // Sockets that are open and not being closed.
  const open = new Set();
  let failures = 0;
  // The same since the last that succeeded.
  let inARow = 0;

  /**
   * Where to try. Chromium comes to a port again only 10 ms after a handshake there; where one has failed, an hour of
   * backoff would be made of such waits.
   */
  const address = (url) =>
    String(url).replace(/^(ws:[^?#]*?:)(\d+)(?=\/)/, (given, before, port) =>
      Number(port) === ports[0] ? before + ports[inARow % ports.length] : given,
    );

  function begin() {
    begun++;
    pending++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      pending--;
      changed();
    };
  }

  const counted = (wait) =>
    async function (...args) {
      const end = begin();
      try {
        return await wait(...args);
      } finally {
        end();
      }
    };

  const countingSocket = (Socket) =>
    class extends Socket {
      constructor(url, ...args) {
        super(address(url), ...args);
        this.end = begin();
        let hasOpened = false;
        this.counts = { sent: 0, received: 0 };
        this.addEventListener("open", () => {
          hasOpened = true;
          inARow = 0;
          open.add(this);
          this.end();
        });
        this.addEventListener("message", () => {
          this.counts.received++;
          changed();
        });
        this.addEventListener("close", () => {
          open.delete(this);
          this.end();
          changed();
          // Chromium lets handshakes of a page wait for seconds once most of them have failed within minutes. It does
          // not know that hours have passed.
          if (hasOpened) return;
          inARow++;
          if (++failures % FAILURES_A_SUCCESS === 0) succeed();
        });
      }

      close(...args) {
        super.close(...args);
        // Pending again, until the server has heard of it.
        if (open.delete(this)) this.end = begin();
      }

      send(data) {
        super.send(data);
        this.counts.sent++;
      }
    };

  const classes = new Map();
  const sum = (count) => [...open].reduce((total, { counts }) => total + counts[count], 0);

  return {
    /** The class that counts for the one that the page has now, if it has one. */
    socketClass(Socket) {
      if (Socket && !classes.has(Socket)) classes.set(Socket, countingSocket(Socket));
      return classes.get(Socket);
    },
    fetch: counted(async (...args) => {
      const response = await self.fetch(...args);
      for (const part of ["arrayBuffer", "json", "text"]) {
        response[part] = counted(Response.prototype[part].bind(response));
      }
      return response;
    }),
    counts: () => ({ begun, pending, open: open.size, sent: sum("sent"), received: sum("received") }),
  };
}
