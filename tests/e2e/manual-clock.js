// Loaded before the client, into pages and into the shared worker: time that moves only when told to.
"use strict";

(() => {
  const { setTimeout: realTimeout } = self;
  const timers = new Map();
  let now = NOW;
  let lastId = 0;

  Date.now = () => now;
  self.setTimeout = (fn, ms = 0) => {
    timers.set(++lastId, { at: now + Math.max(0, ms), fn });
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

  /** Moves to a moment and runs what is due then. */
  function moveTo(moment) {
    now = Math.max(now, moment);
    for (const [id, { at, fn }] of [...timers].sort(([, one], [, other]) => one.at - other.at)) {
      if (at <= now && timers.delete(id)) fn();
    }
  }

  /** Sockets and requests that are neither open nor over. */
  let unsettled = 0;
  const { WebSocket: Socket, fetch: request } = self;
  self.WebSocket = class extends Socket {
    constructor(url) {
      super(url);
      unsettled++;
      let isSettled = false;
      const settle = () => {
        if (!isSettled) unsettled--;
        isSettled = true;
      };
      this.addEventListener("open", settle);
      this.addEventListener("close", settle);
    }
  };
  self.fetch = async (...args) => {
    unsettled++;
    try {
      return await request(...args);
    } finally {
      unsettled--;
    }
  };

  /** Lets messages and promises through. */
  const breathe = () => new Promise((resolve) => realTimeout(resolve, 0));

  const channel = new BroadcastChannel("clock");
  if (!self.document) {
    channel.onmessage = async ({ data: moment }) => {
      moveTo(moment);
      await breathe();
      channel.postMessage({ due: due(), unsettled });
    };
    return;
  }

  // The page leads; a worker follows, if there is one.
  let worker = { due: Infinity, unsettled: 0 };
  let answered = () => {};
  channel.onmessage = ({ data }) => {
    worker = data;
    answered();
  };
  async function leadTo(moment) {
    if (self.hasWorker) {
      const answer = new Promise((resolve) => {
        answered = resolve;
      });
      channel.postMessage(moment);
      await answer;
    }
    moveTo(moment);
    await breathe();
  }

  self.clock = {
    now: () => now,
    /** Lets everything that is under way come to its end; `isDone` says whether it has. */
    async settle(isDone = () => true) {
      do {
        await leadTo(now);
      } while (unsettled || worker.unsettled || Math.min(due(), worker.due) <= now || !isDone());
    },
    /** Moves to a moment, from timer to timer, and stops early where the network has to be waited for. */
    async moveTowards(moment) {
      while (now < moment) {
        await leadTo(Math.min(moment, due(), worker.due));
        if (unsettled || worker.unsettled) return;
      }
    },
  };
})();
