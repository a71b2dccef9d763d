// What a page hands over when it goes, for then nobody can ask it: to the next page of its origin, by the storage,
// and to the test's server, by requests. The recorder, which comes behind it, takes it and leaves no trace of it.

(() => {
  if (window.bxpullRecorder) return;

  const { parse, stringify } = JSON;
  const { Blob } = window;
  const sendBeacon = navigator.sendBeacon.bind(navigator); // pages may count what they send
  const KEPT = "bxpull-recorder";
  const TOO_LARGE = "(the page was left, and there was no room for this)";
  const MAX_SENT_ERRORS = 100;
  const MAX_SENT_LEAVING = 100;
  const MAX_CHARS_LEAVING = 4 * 1024 * 1024;
  // Firefox may end a page before what it posts on pagehide has left. Elsewhere nothing is posted twice: in
  // Chromium there is room for 64 KB.
  const endsEarly = "mozInnerScreenX" in window;
  const isPage = window === window.top; // frames, which nobody asks, share its storage

  const PLAIN = [Object, Array, String, Number, Boolean].map((kind) => kind.prototype);
  /** JSON, whatever the page has made of it: old libraries give plain values a toJSON() that is not this. */
  function text(value) {
    const changed = PLAIN.map((owner) => [owner, Object.getOwnPropertyDescriptor(owner, "toJSON")]).filter(
      ([, given]) => given && given.configurable,
    );
    for (const [owner] of changed) delete owner.toJSON;
    try {
      return stringify(value);
    } finally {
      for (const [owner, given] of changed) Object.defineProperty(owner, "toJSON", given);
    }
  }

  const { addEventListener } = EventTarget.prototype;
  const listeners = [];
  /** Listens for good: `document.open()`, which set_content() calls, takes all listeners from a page. */
  function listen(target, ...listener) {
    listeners.push([target, listener]);
    addEventListener.apply(target, listener);
  }
  new MutationObserver(() => {
    for (const [target, listener] of listeners) addEventListener.apply(target, listener);
  }).observe(document, { childList: true });

  /** What a page before this one of the tab has kept for it, once; null: there is nothing, or no storage. */
  function inherited() {
    try {
      const kept = parse((isPage && sessionStorage.getItem(KEPT)) || "{}");
      if (!kept.entries) return null;
      sessionStorage.removeItem(KEPT);
      return kept;
    } catch {
      return null;
    }
  }

  function keep(left) {
    try {
      sessionStorage.setItem(KEPT, text(left));
      return true;
    } catch {
      return false; // no storage, or no room
    }
  }

  /** Posts what nobody may be able to ask for later; how many characters, 0: there was no room for it. */
  function post({ home, page, count, first, entries }, isLast) {
    if (!home.url) return 1;
    const body = text({ tab: home.tab, page, count, first, entries, isLast });
    // Who posts more than the server takes is not told so.
    return new Blob([body]).size <= home.most && sendBeacon(home.url, body) ? body.length : 0;
  }

  /** The same from the entry at this place on. */
  const rest = (left, at) => ({ ...left, first: left.first + at, entries: left.entries.slice(at) });

  // Where there is no room it is told at least that there was something.
  const shortened = (left) => ({
    ...left,
    entries: left.entries.map((entry) =>
      "params" in entry ? { ...entry, params: TOO_LARGE, extra: null } : entry,
    ),
  });

  /** All of it, for nobody can ask from now on. */
  function leave(left) {
    const short = shortened(left);
    if (!keep(left)) keep(short);
    // The storage is for pages of this origin only, and only if one comes.
    if (post(left, true)) return;
    const { length } = short.entries;
    for (let at = 0; !post(rest(short, at), true); ) {
      if (at === length) return; // not even an empty list is taken
      at = Math.ceil((at + length) / 2);
    }
  }

  /**
   * Hands over, when it is time, what `left()` returns: the entries that nobody has fetched, the number of their
   * `first` in this `count`, the `page` whose they are, and its `home`: an address and the tab's name.
   */
  function begin(left) {
    let sentErrors = 0;
    let isKnown = false; // to the test's program: it waits for what this page leaves behind
    let leaving = 0; // how many more times all is posted, as the page may be about to go
    let chars = 0; // how many these may have altogether: if the page stays, they grow

    function postAll() {
      isKnown = true;
      const sent = post(left(), false);
      chars -= sent;
      leaving = sent && chars > 0 ? leaving - 1 : 0;
    }

    if (isPage && endsEarly) {
      listen(window, "beforeunload", () => {
        // The page may stay, too: where a download begins, or somebody prevents it.
        leaving = MAX_SENT_LEAVING;
        chars = MAX_CHARS_LEAVING;
        postAll();
      });
    }
    listen(window, "pagehide", () => isPage && leave(left()));

    return {
      /** There is a new entry. It is handed over at once if it is an error; and if nobody knows of this page. */
      noted(isError) {
        if (!isPage) return;
        if (leaving > 0) return postAll();
        if (isError ? sentErrors++ >= MAX_SENT_ERRORS : isKnown) return;
        isKnown = true;
        const all = left();
        const newest = rest(all, all.entries.length - 1);
        post(isError ? newest : { ...newest, entries: [] }, false);
      },
      known() {
        isKnown = true;
      },
      /** The page has come back from the browser's cache. */
      again() {
        isKnown = false;
        leaving = 0;
      },
    };
  }

  window.bxpullHandover = { text, inherited, begin, listen };
})();
