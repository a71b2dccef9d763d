/**
 * Message ports between pages and the shared worker, on which both ends count what they sent and took, under a name
 * that the page gives to both. The time goes along, so that nothing comes before its moment.
 *
 * @param owner - unique among pages
 * @param changed - called at every change of a count
 */
function createPorts(owner, timers, changed) {
  const ports = new Map();
  let made = 0;

  function count(port, name, post, mine) {
    const counts = { sent: 0, taken: 0, closed: false, mine };
    ports.set(name, counts);
    let told = 0;
    port.postMessage = (...args) => {
      counts.sent++;
      if (told < timers.now()) post({ bxPullTime: timers.now() });
      told = timers.now();
      post(...args);
    };
    port.close = () => {
      counts.closed = true;
      MessagePort.prototype.close.call(port);
    };
    return counts;
  }

  /** A message for the client, or the time. */
  function take(counts, event) {
    const { bxPullTime } = event.data;
    if (bxPullTime) {
      timers.moveTo(bxPullTime);
      event.stopImmediatePropagation();
      return;
    }
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
        const counts = count(port, name, post, true);
        port.addEventListener("message", (event) => take(counts, event));
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
        if (counts) return take(counts, event);
        counts = count(port, event.data.bxPullPort, post, false);
        event.stopImmediatePropagation();
        changed();
      });
    },
    counts: () => Object.fromEntries(ports),
    /** How many messages this side has sent. */
    sent: () => [...ports.values()].reduce((total, { sent }) => total + sent, 0),
  };
}
