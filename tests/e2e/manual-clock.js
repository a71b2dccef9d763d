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

  /** Sockets, requests and answers: how many were begun, and how many of them are neither open nor over. */
  const network = { begun: 0, pending: 0 };
  function begin() {
    network.begun++;
    network.pending++;
    return () => void network.pending--;
  }
  const { WebSocket: Socket, fetch: request } = self;
  self.WebSocket = class extends Socket {
    constructor(url) {
      super(url);
      let end = begin();
      for (const type of ["open", "close"]) {
        this.addEventListener(type, () => {
          end();
          end = () => {};
        });
      }
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
  let worker = { due: Infinity, network: { begun: 0, pending: 0 }, messages: { sent: 0, received: 0 } };
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

  /** Moves both to a moment, before anything happens at it. */
  async function moveTo(moment) {
    if (moment > now) {
      now = moment;
      await tellWorker(false);
    }
    run();
    await tellWorker(true);
    await breathe();
  }

  const arePortsQuiet = () =>
    !self.hasWorker ||
    (messages.sent === worker.messages.received && messages.received === worker.messages.sent);
  const isDue = () => Math.min(due(), worker.due) <= now;

  self.clock = {
    /** Milliseconds since the start. */
    now: () => now - START,
    /** Lets everything that is under way come to its end; `isDone` says whether it has. */
    async settle(isDone = () => true) {
      do await moveTo(now);
      while (network.pending || worker.network.pending || !arePortsQuiet() || isDue() || !isDone());
    },
    /** Moves to a moment, from timer to timer, or only to where the network is used; returns where it is. */
    async moveTowards(moment) {
      const count = () => network.begun + worker.network.begun;
      const before = count();
      while (now < START + moment && count() === before) {
        await moveTo(Math.min(START + moment, due(), worker.due));
        while (!arePortsQuiet()) await moveTo(now);
      }
      return now - START;
    },
  };
})();
