// What bench/e2e.py measures in the page: how late each event is handled, by our client or by a bare socket.
(() => {
  const Native = WebSocket;
  let address;
  let began = 0;
  /** Notes where the newest socket goes, and when it was asked for. */
  window.WebSocket = class extends Native {
    constructor(url, ...rest) {
      address = url;
      began = performance.now();
      super(url, ...rest);
    }
  };

  let numbers = [];
  let late = [];
  let last = 0;
  function hear({ n, at }) {
    last = performance.now();
    numbers.push(n);
    late.push(performance.timeOrigin + last - at);
  }

  let socket;
  window.e2e = {
    now: () => performance.timeOrigin + performance.now(),
    count: () => numbers.length,
    address: () => address,
    /** What was heard since: how late in ms, from the newest socket to the last event in ms, and how many are wrong. */
    take() {
      const wrong = numbers.filter((n, index) => n !== index).length;
      const taken = { late, wrong, took: last - began };
      numbers = [];
      late = [];
      return taken;
    },
    async client() {
      BX.addCustomEvent("onPullEvent-bench", (_command, params) => hear(params));
      await BX.PULL.start();
    },
    leave: () => BX.PULL.disconnect(),
    comeBack: () => BX.PULL.connect(),
    bare(url, mode) {
      const decode = bareDecoders[mode];
      const call = (event) => event.module_id === "bench" && hear(event.params);
      return new Promise((resolve) => {
        socket = new WebSocket(url);
        socket.binaryType = "arraybuffer";
        socket.onopen = resolve;
        socket.onmessage = ({ data }) => data === "ping" || decode(data, call, socket);
      });
    },
  };
})();
