// The harness's second part of a page: notes what looks like a secret where people can see it. By fingerprints only,
// which the test compares with those of what its server has handed out.

(() => {
  if (window.bxpullSecrets) return;

  // Ids and signatures, and tokens. As the harness looks for them in other texts.
  const FORM = /[0-9a-f]{32,}|eyJ[\w-]+\.[\w-]+\.[\w-]+/gi;
  const KEPT = "bxpull-secrets";
  // As they are before page code replaces them.
  const { parse, stringify } = JSON;
  const found = {}; // place -> fingerprints

  /** FNV-1a, as client and server have it. */
  function fingerprint(text) {
    let hash = 0x811c9dc5;
    for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    return `#${(hash >>> 0).toString(16).padStart(8, "0")}`;
  }

  function look(place, text) {
    for (const [secret] of text.replace(/%(3A|2F)/gi, " ").matchAll(FORM)) {
      found[place] = found[place] || [];
      const known = fingerprint(/^eyJ/.test(secret) ? secret : secret.toLowerCase());
      if (!found[place].includes(known)) found[place].push(known);
    }
  }

  // What pages before this one of the tab have shown.
  try {
    if (window === window.top) Object.assign(found, parse(sessionStorage.getItem(KEPT)));
    sessionStorage.removeItem(KEPT);
  } catch {
    // There is no storage.
  }

  const asText = (value) =>
    value instanceof Error
      ? `${value.message} ${value.stack}`
      : typeof value === "string"
        ? value
        : stringify(value);
  for (const method of ["debug", "log", "info", "warn", "error"]) {
    const print = console[method];
    console[method] = function (...args) {
      for (const arg of args) {
        try {
          look("console", String(asText(arg)));
        } catch {
          // What is no JSON is nothing that the client prints.
        }
      }
      return print.apply(this, args);
    };
  }

  function textOfPage() {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
      if (!/^(script|style|template)$/i.test(walker.currentNode.parentNode.nodeName)) {
        texts.push(walker.currentNode.nodeValue);
      }
    }
    return texts.join("\n");
  }

  window.bxpullSecrets = {
    /** The page is left: the next one of the tab knows what this one has shown. */
    leave() {
      try {
        if (window === window.top && Object.keys(found).length) {
          sessionStorage.setItem(KEPT, stringify(found));
        }
      } catch {
        // There is no storage.
      }
    },
    /** A client has been destroyed just now: later, another tab of its user may have kept what it needs. */
    destroyed(pull) {
      try {
        const own = `bx-pull-${Number.parseInt(pull.getDebugInfo().UserId, 10)}-`;
        for (const storage of [localStorage, sessionStorage]) {
          for (const name of Object.keys(storage)) {
            if (name.startsWith(own)) look("storage after destroy()", storage.getItem(name));
          }
        }
      } catch {
        // There is no storage, or page code has changed the client.
      }
    },
    /** Looks at the page as it is, too; place -> fingerprints. */
    shown() {
      try {
        look("text", textOfPage());
        const pull = window.BX && BX.PULL;
        if (pull && pull.getDebugInfo) look("debug info", stringify(pull.getDebugInfo()));
      } catch {
        // A page's own client: what was seen so far counts.
      }
      return found;
    },
  };
})();
