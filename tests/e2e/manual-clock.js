// Loaded before the client, into pages and into the shared worker: time that moves only when told to.
"use strict";

(() => {
  const timers = new Map();
  const START = NOW;
  let now = START;
  let lastId = 0;

  Date.now = () => now;
  self.setTimeout = (fn, ms = 0) => {
    timers.set(++lastId, { at: now + Math.max(0, Math.ceil(ms)), fn });
    return lastId;
  };
  self.clearTimeout = (id) => timers.delete(id);
  // Seeded: the same waits every time (mulberry32).
  let seed = SEED;
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** When the next timer is due, or Infinity. */
  const due = () => Math.min(...[...timers.values()].map(({ at }) => at));

  /** Runs what is due. */
  function run() {
    for (const [id, { at, fn }] of [...timers].sort(([, one], [, other]) => one.at - other.at)) {
      if (at <= now && timers.delete(id)) fn();
    }
  }

  /** The server's clock follows, before a request at this moment reaches it. */
  function tellServer() {
    const request = new XMLHttpRequest();
    request.open("GET", `CLOCK?${now - START}`, false);
    request.send();
  }

  /**
   * Use of the network: how often it was begun, and how many requests and sockets are neither answered nor open; how
   * many sockets are open, and how many messages came over these.
   */
  const network = { begun: 0, pending: 0, open: 0, received: 0 };
  function begin() {
    tellServer();
    network.begun++;
    network.pending++;
    return () => void network.pending--;
  }
  const { WebSocket: Socket, fetch: request } = self;
  self.WebSocket = class extends Socket {
    constructor(url) {
      const end = begin();
      super(url);
      let isOpen = false;
      let received = 0;
      this.addEventListener("open", () => {
        end();
        isOpen = true;
        network.open++;
      });
      this.addEventListener("message", () => {
        received++;
        network.received++;
      });
      this.addEventListener("close", () => {
        if (!isOpen) return end();
        network.open--;
        network.received -= received;
      });
    }
  };
  const counted = (wait) =>
    async function (...args) {
      const end = begin();
      try {
        return await wait.apply(this, args);
      } finally {
        end();
      }
    };
  self.fetch = counted(request.bind(self));
  for (const part of ["json", "text"]) Response.prototype[part] = counted(Response.prototype[part]);

  /** Messages between page and worker. */
  const messages = { sent: 0, received: 0 };
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (...args) {
    messages.sent++;
    postMessage.apply(this, args);
  };
  const countAt = (port) => port.addEventListener("message", () => messages.received++);

  /** Lets messages and promises through. */
  const { port1, port2 } = new MessageChannel();
  const breathe = () =>
    new Promise((resolve) => {
      port1.onmessage = resolve;
      // Timers of no time take 4 ms when there are many.
      postMessage.call(port2, 0);
    });

  const channel = new BroadcastChannel("clock");
  if (!self.document) {
    self.addEventListener("connect", ({ ports }) => countAt(ports[0]));
    channel.onmessage = async ({ data: { moment, isTime } }) => {
      now = Math.max(now, moment);
      if (isTime) run();
      await breathe();
      channel.postMessage({ due: due(), network, messages });
    };
    channel.postMessage("begun");
    return;
  }

  // The page leads; a worker follows, if there is one.
  const { SharedWorker: Worker } = self;
  self.SharedWorker = class extends Worker {
    constructor(...args) {
      super(...args);
      countAt(this.port);
    }
  };
  let worker = { due: Infinity, network: { ...network }, messages: { sent: 0, received: 0 } };
  let answered = () => {};
  let order;
  channel.onmessage = ({ data }) => {
    // It was not there to hear it.
    if (data === "begun") return channel.postMessage(order);
    worker = data;
    answered();
  };
  function tellWorker(isTime) {
    if (!self.hasWorker) return undefined;
    const answer = new Promise((resolve) => {
      answered = resolve;
    });
    order = { moment: now, isTime };
    channel.postMessage(order);
    return answer;
  }

  const arePortsQuiet = () =>
    !self.hasWorker ||
    (messages.sent === worker.messages.received && messages.received === worker.messages.sent);
  async function quietPorts() {
    while (!arePortsQuiet()) await tellWorker(false);
  }
  const isDue = () => Math.min(due(), worker.due) <= now;

  /** Moves both to a moment before anything happens at it, first in the page. */
  async function moveTo(moment) {
    if (moment > now) {
      now = moment;
      await tellWorker(false);
    }
    run();
    await quietPorts();
    await tellWorker(true);
    await breathe();
    await quietPorts();
  }

  const used = () => ({
    open: network.open + worker.network.open,
    received: network.received + worker.network.received,
  });

  /** Lets everything that is under way come to its end; returns the open sockets and what came over them. */
  async function settle() {
    do await moveTo(now);
    while (network.pending || worker.network.pending || isDue());
    return used();
  }

  /** Moves to a moment, from timer to timer, or only to where the network is used. */
  async function moveTowards(moment) {
    const count = () => network.begun + worker.network.begun;
    const before = count();
    while (now < START + moment && count() === before) {
      await moveTo(Math.min(START + moment, due(), worker.due));
    }
  }

  self.clock = {
    /** Milliseconds since the start. */
    now: () => now - START,
    settle,
    /** Moves towards a moment and settles; returns where it is, and what settling does. */
    async step(moment) {
      await moveTowards(moment);
      const used = await settle();
      await settle();
      return [now - START, used];
    },
  };
})();
