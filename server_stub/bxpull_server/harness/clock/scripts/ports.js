/**
 * Message ports between pages and the shared worker, on which both ends count what they sent and took, under a name
 * that the page gives to both.
 *
 * @param owner - unique among pages
 * @param changed - called at every change of a count
 */
function createPorts(owner, changed) {
  const ports = new Map();
  let made = 0;

  function count(port, name, post) {
    const counts = { sent: 0, taken: 0, closed: false };
    ports.set(name, counts);
    port.postMessage = (...args) => {
      counts.sent++;
      post(...args);
    };
    port.close = () => {
      counts.closed = true;
      MessagePort.prototype.close.call(port);
    };
    return counts;
  }

  function take(counts) {
    counts.taken++;
    changed();
  }

  const countingWorker = (Worker) =>
    class extends Worker {
      constructor(...args) {
        super(...args);
        const { port } = this;
        const post = port.postMessage.bind(port);
        const name = `${owner}.${++made}`;
        const counts = count(port, name, post);
        port.addEventListener("message", () => take(counts));
        // Nobody will ever take what was sent.
        this.addEventListener("error", () => ports.delete(name));
        post({ bxPullPort: name });
      }
    };

  const classes = new Map();
  return {
    /** The class that counts for the one that the page has now, if it has one. */
    workerClass(Worker) {
      if (Worker && !classes.has(Worker)) classes.set(Worker, countingWorker(Worker));
      return classes.get(Worker);
    },
    /** The worker's end of a port, before anything has come. */
    accept(port) {
      const post = port.postMessage.bind(port);
      let counts;
      port.addEventListener("message", (event) => {
        if (counts) return take(counts);
        counts = count(port, event.data.bxPullPort, post);
        event.stopImmediatePropagation();
        changed();
      });
    },
    counts: () => Object.fromEntries(ports),
  };
}
