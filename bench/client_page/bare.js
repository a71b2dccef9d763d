// Bare decoders, the least that turns a frame into events: no check, no duplicates, no errors; and the least that hands
// one to several handlers, each with params of its own.
(() => {
  const START = "#!NGINXNMS!#";
  const END = "#!NGINXNME!#";
  const decoder = new TextDecoder();

  /** A deep copy of a JSON value. */
  function copyOf(value) {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(copyOf);
    const copy = {};
    for (const key of Object.keys(value)) copy[key] = copyOf(value[key]);
    return copy;
  }

  /** All handlers but the last get copies, of extra only if `both`. */
  window.bareCall = (handlers, { command, params, extra }, both) => {
    const last = handlers.length - 1;
    for (let index = 0; index < last; index++)
      handlers[index](copyOf(params), both ? copyOf(extra) : extra, command);
    handlers[last](params, extra, command);
  };

  window.bareDecoders = {
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
})();
