// What bench/client.py measures in the page: our client, and beside it the least that turns a frame into handler calls.
(() => {
  const START = "#!NGINXNMS!#";
  const END = "#!NGINXNME!#";
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

  let current;
  window.WebSocket = class {
    constructor() {
      current = this;
      queueMicrotask(() => this.onopen());
    }
    send() {}
    close() {}
  };

  /** Calls of the handler, and whether they came in order. */
  const heard = { count: 0, last: -1, disorder: 0 };
  function hear(params) {
    heard.count++;
    if (params.n <= heard.last) heard.disorder++;
    heard.last = params.n;
  }

  /** Bare decoders: no check, no duplicates, no copies, no errors. */
  const floor = {
    text(data, call) {
      for (let at = data.indexOf(START); at >= 0; at = data.indexOf(START, at)) {
        const end = data.indexOf(END, at);
        call(JSON.parse(data.slice(at + START.length, end)).text);
        at = end;
      }
    },
    protobuf(data, call) {
      const bytes = new Uint8Array(data);
      let at = 0;
      const varint = () => {
        let value = 0;
        let scale = 1;
        let byte;
        do {
          byte = bytes[at++];
          value += (byte & 127) * scale;
          scale *= 128;
        } while (byte > 127);
        return value;
      };
      while (at < bytes.length) {
        at++;
        const response = varint() + at;
        at++;
        varint();
        while (at < response) {
          at++;
          const end = varint() + at;
          let body;
          while (at < end) {
            const tag = bytes[at++];
            if ((tag & 7) === 5) at += 4;
            else if ((tag & 7) === 2) {
              const length = varint();
              if (tag === 0x12) body = decoder.decode(bytes.subarray(at, at + length));
              at += length;
            } else varint();
          }
          const event = JSON.parse(body);
          event.extra.sender = { type: 2 };
          call(event);
        }
      }
    },
    jsonrpc(data, call, socket) {
      const content = JSON.parse(data);
      for (const { params } of Array.isArray(content) ? content : [content]) {
        params.body.extra.sender = params.sender;
        call(params.body);
        socket.send(`mack:${params.mid}`);
      }
    },
  };

  const clients = {
    async floor(_, mode) {
      const handlers = new Map([["bench", hear]]);
      const call = ({ module_id, command, params, extra }) => handlers.get(module_id)(params, extra, command);
      return (frame) => floor[mode](frame, call, current);
    },
    async event(config) {
      const hearEvent = (_command, params) => hear(params);
      BX.addCustomEvent("onPullEvent-bench", hearEvent);
      const pull = await connect(config);
      const end = () => {
        BX.removeCustomEvent("onPullEvent-bench", hearEvent);
        pull.destroy();
      };
      return [feed, end];
    },
    async subscribe(config) {
      const pull = await connect(config, (client) =>
        client.subscribe({ moduleId: "bench", callback: ({ params }) => hear(params) }),
      );
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
    async open(client, config, mode) {
      Object.assign(heard, { count: 0, last: -1, disorder: 0 });
      [open, done = () => {}] = [await clients[client](config, mode)].flat();
    },
    /** Feeds all frames, and waits until so many events were heard; the longest time between two turns of the page. */
    async run(eventsAFrame, events) {
      const framesATask = Math.max(1, Math.floor(EVENTS_A_TASK / eventsAFrame));
      let longest = 0;
      for (let index = 0; index < frames.length || heard.count < events; ) {
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
