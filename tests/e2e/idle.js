// Notes what the scripts after it do on their own: calls by which a page waits, listens, asks, keeps or draws.
"use strict";

window.idle = (() => {
  const done = {};
  const note = (kind) => {
    done[kind] = (done[kind] || 0) + 1;
  };
  /** Playwright's own calls come from scripts without an address. */
  const isOurs = () => /\.js:\d+/.test(new Error().stack);

  const wrap = (owner, ...names) => {
    for (const name of names) {
      const original = owner[name];
      owner[name] = function (...args) {
        if (isOurs()) note(name);
        return Reflect.apply(original, this, args);
      };
    }
  };
  wrap(window, "setTimeout", "setInterval", "requestAnimationFrame", "queueMicrotask", "fetch");
  wrap(EventTarget.prototype, "addEventListener");
  wrap(Promise.prototype, "then");
  wrap(Storage.prototype, "getItem", "setItem", "removeItem", "key");
  wrap(Document.prototype, "createElement");
  wrap(Node.prototype, "appendChild", "insertBefore");
  for (const name of ["WebSocket", "XMLHttpRequest", "SharedWorker", "Worker", "BroadcastChannel", "MessageChannel"]) {
    window[name] = new Proxy(window[name], {
      construct(...args) {
        note(name);
        return Reflect.construct(...args);
      },
    });
  }

  const before = new Set([...Reflect.ownKeys(window), "idle"]);
  const isNew = (name) => !before.has(name) && !/^__(pw|playwright)/.test(String(name));
  return () => ({ done, globals: Reflect.ownKeys(window).filter(isNew) });
})();
