// Loaded first into the page of the chaos test: a log that outlives reloads.
"use strict";
(() => {
  const query = new URLSearchParams(location.search);
  const user = Number(query.get("user"));
  const fault = query.get("fault");

  // What page code was told, in order, by all pages of this tab: event numbers, {gap}, {error}.
  const found = JSON.parse(sessionStorage.chaos || "{}");
  const kept = found.user === user ? found : { user, log: [] };
  let leaving = false;
  const save = () => {
    sessionStorage.chaos = JSON.stringify(kept);
  };
  window.addEventListener("pagehide", () => {
    leaving = true;
    save();
  });
  const note = (entry) => {
    kept.log.push(entry);
    if (leaving) save();
  };
  window.addEventListener("error", ({ message }) => note({ error: message }));
  window.addEventListener("unhandledrejection", ({ reason }) => note({ error: String(reason) }));

  // Pages that break the promise on purpose, to show that the test would see it.
  let held;
  const handle = {
    drop: (number) => number % 40 === 39 || note(number),
    repeat: (number) => {
      note(number);
      if (number % 40 === 39) note(number);
    },
    swap: (number) => {
      if (number % 40 === 39) {
        held = number;
        return;
      }
      note(number);
      if (held !== undefined) note(held);
      held = undefined;
    },
    tell: (number) => {
      console.log(JSON.stringify(BX.PULL.getConfig()));
      note(number);
    },
  }[fault] || note;

  // A network that lets no WebSocket through, and cuts off those that are open.
  const Socket = window.WebSocket;
  const sockets = new Set();
  let blocked = false;
  window.WebSocket = function (url) {
    const socket = new Socket(blocked ? url.replace("/bitrix/subws/", "/nowhere/") : url);
    sockets.add(socket);
    socket.addEventListener("close", () => sockets.delete(socket));
    return socket;
  };

  let hidden = false;
  let onLine = true;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  Object.defineProperty(navigator, "onLine", { get: () => onLine });

  window.chaos = {
    log: kept.log,
    // Was this event handled, or said to be missing?
    knows: (number, mid) =>
      kept.log.some((entry) => entry === number || (entry.gap && entry.gap.after < mid && mid <= entry.gap.through)),
    show(visible) {
      hidden = !visible;
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    },
    network(there) {
      onLine = there;
      window.dispatchEvent(new Event(there ? "online" : "offline"));
    },
    block(all) {
      blocked = all;
      if (all) for (const socket of sockets) socket.close();
      else window.dispatchEvent(new Event("online"));
    },
    start(options) {
      BX.addCustomEvent("onPullEvent-chaos", (_command, { number }) => handle(number));
      BX.addCustomEvent("onPullGap", (gap) => fault === "silent" || note({ gap }));
      const rest = `http://127.0.0.1:${query.get("port")}/rest/?bxpull_user=${user}`;
      BX.PULL = new BX.PullClient({ userId: user, siteId: "chaos", restUrl: rest, ...options });
      BX.PULL.onState((state) => {
        chaos.state = state;
      });
      BX.PULL.start();
    },
  };
})();
