// Looked up before the page's code, which may patch them.
const { MessageChannel, WebSocket, XMLHttpRequest, setTimeout } = self;
const isPage = "document" in self;

/** Lets promises and messages through; a timer of no time would take 4 ms when there are many. */
const { port1, port2 } = new MessageChannel();
const breathe = () =>
  new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(0);
  });

/** What time it is, and who this is. The client looks at the clock at once: it cannot wait for a promise. */
function join() {
  const request = new XMLHttpRequest();
  request.open("GET", `http://${HUB}/${isPage ? "page" : "worker"}`, false);
  request.send();
  return JSON.parse(request.responseText);
}

function succeed() {
  const socket = new WebSocket(`ws://${HUB}/nobody`);
  socket.onopen = () => socket.close();
}

function createEnvironment() {
  let hasNews = false;
  let wake = () => {};
  function changed() {
    hasNews = true;
    wake();
  }
  /** Resolves with the first change since the last report, or after so many real milliseconds without one. */
  const news = (ms) =>
    new Promise((resolve) => {
      wake = resolve;
      if (hasNews) resolve();
      else setTimeout(resolve, ms);
    });

  let { id, now, seed, ports: ofServer } = join();
  const timers = createTimers(now, breathe);
  const network = createNetwork(ofServer, succeed, changed);
  const ports = createPorts(id, timers, changed);
  let notes = [];

  function connect() {
    const socket = new WebSocket(`ws://${HUB}/${id}`);
    socket.onmessage = async ({ data }) => {
      const { moment, run, patience } = JSON.parse(data);
      timers.moveTo(moment);
      const before = network.counts().begun + ports.sent();
      if (run) await timers.run();
      // Of what has just been begun, or sent to the worker, there is news soon.
      if (patience && (!run || network.counts().begun + ports.sent() > before)) await news(patience);
      await breathe();
      hasNews = false;
      socket.send(
        JSON.stringify({ due: timers.due(), network: network.counts(), ports: ports.counts(), notes }),
      );
      notes = [];
    };
    return socket;
  }
  let socket = connect();

  const env = {
    Date: { now: timers.now },
    Math: { random: createRandom(seed) },
    setTimeout: timers.set,
    clearTimeout: timers.clear,
    fetch: network.fetch,
    addEventListener: (...args) => self.addEventListener(...args),
    removeEventListener: (...args) => self.removeEventListener(...args),
    get WebSocket() {
      return network.socketClass(self.WebSocket);
    },
    get SharedWorker() {
      return ports.workerClass(self.SharedWorker);
    },
    set onconnect(handler) {
      self.onconnect = (event) => {
        ports.accept(event.ports[0]);
        handler(event);
      };
    },
  };
  for (const name of ["console", "document", "localStorage", "location", "navigator", "origin", "sessionStorage"]) {
    Object.defineProperty(env, name, { get: () => self[name] });
  }

  if (isPage) {
    // The script that asks for this makes the client before it ends.
    Promise.resolve().then(() => takeNotes((text) => notes.push([timers.now(), text])));
    // A page that is kept for the way back stands still meanwhile.
    self.addEventListener("pagehide", () => socket.close());
    self.addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      ({ id, now } = join());
      timers.moveTo(now);
      socket = connect();
    });
  }
  return env;
}

// Only where there is a client: frames and pages without one are none of the clock's business.
let environment;
Object.defineProperty(self, "bxPullEnv", {
  configurable: true,
  get() {
    environment = environment || createEnvironment();
    return environment;
  },
});
