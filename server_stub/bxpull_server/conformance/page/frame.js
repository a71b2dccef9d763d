// A page with the client, as a scenario asked for it in the query; the page that made the frame calls what is
// put on `window` here.
(() => {
  const query = new URLSearchParams(location.search);
  const heard = [];
  const errors = [];

  /** Notes who heard what, as text: so nobody changes it later. */
  function hear(name, ...values) {
    heard.push(JSON.stringify([name, ...values]));
  }

  /** Loads the script of the client; resolves once it is there. */
  function load() {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = query.get("script");
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${script.src} was not loaded`));
      document.head.append(script);
    });
  }

  /** A client for the user of the query, which is not started yet. */
  function client() {
    const user = Number(query.get("user"));
    const rest = user > 0 ? `/rest/?bxpull_user=${user}` : "/rest/";
    const who = user > 0 ? { userId: user } : { guestUserId: user };
    const worker = query.has("worker") ? { sharedWorker: query.get("worker") } : {};
    return new window.BX.PullClient(
      Object.assign({ restUrl: rest, minReconnectDelay: 100, maxReconnectDelay: 500 }, who, worker),
    );
  }

  if (query.has("poll")) window.WebSocket = undefined; // then the client polls at once
  window.addEventListener("error", (event) => {
    errors.push(event.message);
    if (query.has("throws")) event.preventDefault(); // it is meant to be
  });
  const ready = load().then(() => {
    window.client = client();
    window.BX.addCustomEvent("onPullEvent-conformance", (command, params) => hear("event", command, params));
  });
  Object.assign(window, { heard, errors, hear, ready });
})();
