// Counts what the scripts after it hold: timers, listeners of the page, sockets, requests, workers, storage keys.
"use strict";

window.inventory = (() => {
  const timers = new Set();
  const requests = new Set();
  const sockets = new Set();
  const ports = new Set();
  let listeners = 0;
  // What Playwright itself listens to in a page.
  const OF_THE_DRIVER = /^(__playwright|mouse|pointer|touch|click|auxclick|dblclick|contextmenu)/;
  /** Requests and sockets ever begun. */
  let begun = 0;

  const { setTimeout: later, clearTimeout: cancel, fetch: request } = window;
  window.setTimeout = (fn, ms, ...args) => {
    const id = later(() => {
      timers.delete(id);
      fn(...args);
    }, ms);
    timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => {
    timers.delete(id);
    cancel(id);
  };

  for (const target of [window, document]) {
    const { addEventListener: add, removeEventListener: remove } = target;
    target.addEventListener = (...args) => {
      if (!OF_THE_DRIVER.test(args[0])) listeners++;
      return add.apply(target, args);
    };
    target.removeEventListener = (...args) => {
      if (!OF_THE_DRIVER.test(args[0])) listeners--;
      return remove.apply(target, args);
    };
  }

  window.fetch = async (...args) => {
    begun++;
    const mark = {};
    requests.add(mark);
    try {
      return await request(...args);
    } finally {
      requests.delete(mark);
    }
  };

  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      begun++;
      sockets.add(this);
    }
    close(...args) {
      sockets.delete(this);
      super.close(...args);
    }
  };

  if (window.SharedWorker) {
    window.SharedWorker = class extends SharedWorker {
      constructor(...args) {
        super(...args);
        const { port } = this;
        const { close } = port;
        ports.add(port);
        port.close = () => {
          ports.delete(port);
          close.call(port);
        };
      }
    };
  }

  return () => ({
    timers: timers.size,
    listeners,
    requests: requests.size,
    sockets: [...sockets].filter((socket) => socket.readyState < 2).length,
    ports: ports.size,
    keys: Object.keys(localStorage).length + Object.keys(sessionStorage).length,
    begun,
  });
})();
