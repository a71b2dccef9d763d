// What bench/client.py measures in the page: our client, and beside it the least that turns a frame into handler calls.
(() => {
  /** After so many events the event loop gets its turn, as between the frames of a real socket. */
  const EVENTS_A_TASK = 500;
  const decoder = new TextDecoder();
  const channel = new MessageChannel();
  let resume;
  channel.port1.onmessage = () => resume();
  const nextTask = () =>
    new Promise((resolve) => {
      resume = resolve;
      channel.port2.postMessage(0);
    });

  // Until a client opens one, the bare decoder answers into this.
  let current = { send() {} };
  window.WebSocket = class {
    constructor() {
      current = this;
      queueMicrotask(() => this.onopen());
    }
    send() {}
    close() {}
  };

  /** Calls of all handlers, and how many came out of order, or after another handler's change. */
  const heard = { count: 0, disorder: 0 };
  function makeHear() {
    let last = -1;
    return (params) => {
      heard.count++;
      if (params.n <= last) heard.disorder++;
      last = params.n;
      params.n = -1;
    };
  }

  function bare(mode, modules, hears, both = false) {
    const handlers = new Map(modules.map((name) => [name, hears]));
    const call = (event) => bareCall(handlers.get(event.module_id), event, both);
    return (frame) => bareDecoders[mode](frame, call, current);
  }

  const clients = {
    floor: (_, mode, modules, hears) => bare(mode, modules, hears),
    /** Of what this one hands to several, extra is copied, too. */
    floor_both: (_, mode, modules, hears) => bare(mode, modules, hears, true),
    async event(config, _, modules, hears) {
      const handlers = hears.map((hear) => (_command, params) => hear(params));
      const each = (act) => {
        for (const name of modules) for (const handler of handlers) act(`onPullEvent-${name}`, handler);
      };
      each(BX.addCustomEvent);
      const pull = await connect(config);
      const end = () => {
        each(BX.removeCustomEvent);
        pull.destroy();
      };
      return [feed, end];
    },
    async subscribe(config, _, modules, hears) {
      const callbacks = hears.map((hear) => (data) => hear(data.params));
      const pull = await connect(config, (client) => {
        for (const moduleId of modules)
          for (const callback of callbacks) client.subscribe({ moduleId, callback });
      });
      return [feed, () => pull.destroy()];
    },
  };
  const feed = (data) => current.onmessage({ data });

  async function connect(config, listen = () => {}) {
    const pull = new BX.PullClient({ skipCheckRevision: true });
    listen(pull);
    await pull.start(JSON.parse(JSON.stringify(config)));
    return pull;
  }

  let frames = [];
  let open;
  let done = () => {};
  window.bench = {
    heard,
    /** Loads frames: each behind its length in four bytes. */
    async load(url, isText) {
      const bytes = await (await fetch(url)).arrayBuffer();
      const view = new DataView(bytes);
      frames = [];
      for (let at = 0; at < bytes.byteLength; ) {
        const end = at + 4 + view.getUint32(at);
        // Decoded, a text is flat, as one from a socket.
        frames.push(
          isText ? decoder.decode(new Uint8Array(bytes, at + 4, end - at - 4)) : bytes.slice(at + 4, end),
        );
        at = end;
      }
    },
    /** A client whose page has so many handlers for each of so many modules: bench, bench1, bench2 and so on. */
    async open(client, config, mode, modules, handlers) {
      Object.assign(heard, { count: 0, disorder: 0 });
      const names = Array.from({ length: modules }, (_, number) => `bench${number || ""}`);
      const hears = Array.from({ length: handlers }, makeHear);
      [open, done = () => {}] = [await clients[client](config, mode, names, hears)].flat();
    },
    /** Feeds all frames, and waits until so many calls were heard; the longest time between two turns of the page. */
    async run(eventsAFrame, calls) {
      const framesATask = Math.max(1, Math.floor(EVENTS_A_TASK / eventsAFrame));
      let longest = 0;
      for (let index = 0; index < frames.length || heard.count < calls; ) {
        const began = performance.now();
        for (const end = index + framesATask; index < end && index < frames.length; index++)
          open(frames[index]);
        await nextTask();
        longest = Math.max(longest, performance.now() - began);
      }
      return longest;
    },
    close() {
      done();
    },
  };
})();
