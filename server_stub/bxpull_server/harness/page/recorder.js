// The harness's part of a page, loaded before everything that handles events: notes what page code is told.

(() => {
  if (window.bxpullRecorder) return;

  const { Date, Promise, setTimeout } = window; // as they are now: tests put other clocks there
  const { parse } = JSON;
  const { text, listen: listenFor, begin: beginHandover, inherited: findInherited } = bxpullHandover;
  delete window.bxpullHandover;
  const isReal = String(setTimeout).includes("[native code]");
  const MODULE = "bxpull_harness"; // of markers, which are nobody's business but the harness's
  // Events that carry something, and not what the client tells of itself, such as onPullStatus.
  const PULL_NAME = /^onPull(Client|Online)?(Event)?(-|$)/i;
  const POLL_MS = 20;

  const entries = [];
  const unique = () => String(Math.random());
  let page = unique(); // this document
  let before = ""; // the one that left behind what is inherited
  let home = null; // who takes what this one leaves behind: an address of the test's server, and the tab's name
  let keptHome = null; // the same of the page before, for one that is reloaded
  let count = unique(); // of the numbers: pages that know nothing of each other have their own
  let inherited = 0; // how many of them pages before this one left behind
  let first = 0; // number of the first entry that is here
  let taken = 0; // number of the first that is not known to have been fetched
  let barrier = 0;
  let waiting = [];

  function inherit() {
    const kept = findInherited();
    if (!kept) return;
    ({ count, home: keptHome } = kept);
    before = kept.page;
    first = taken = kept.first;
    entries.push(...kept.entries);
    inherited = kept.entries.length;
  }
  inherit();

  const handover = beginHandover(() => ({
    home: home || window.bxpullHome || keptHome || {},
    page,
    count,
    first: taken,
    entries: entries.slice(taken - first),
  }));
  listenFor(window, "pagehide", () => window.bxpullSecrets && bxpullSecrets.leave());
  listenFor(window, "pageshow", ({ persisted }) => {
    if (!persisted) return;
    // A page that comes back is a new one: what it was told before was handed over.
    entries.length = first = taken = inherited = 0;
    page = unique();
    count = unique();
    handover.again();
    inherit();
    wake();
  });

  const copy = (value) => {
    try {
      return value === undefined ? null : parse(text(value));
    } catch {
      return String(value);
    }
  };

  /** Calls back after so much real time, also where a clock of the test, such as Playwright's, stands still. */
  function after(ms, callback) {
    if (isReal) {
      setTimeout(callback, ms);
      return;
    }
    // Such a clock leaves animations alone; this one is of nothing.
    const animation = new Animation(new KeyframeEffect(null, null, ms), document.timeline);
    animation.onfinish = callback;
    animation.play();
  }

  function wake() {
    const ready = waiting;
    waiting = [];
    for (const go of ready) go();
  }

  let latest = 0;
  function note(kind, fields) {
    // A test may put the page's clock back; the order stays.
    latest = Math.max(latest, Date.now());
    entries.push({ kind, at: latest, ...fields });
    handover.noted(/error$/.test(kind));
    wake();
  }

  /** As text; what is thrown may be no error at all, and fail where it is looked at. */
  function shown(get) {
    try {
      return String(get());
    } catch {
      return "(cannot be shown as text)";
    }
  }

  const describe = (error) => ({
    message: shown(() => error),
    stack: shown(() => (error && error.stack) || ""),
  });

  /** The Pull event in what a handler of this BX event is called with. */
  function eventOf(name, args) {
    // Handlers of an EventEmitter get one event object.
    const given = Object(args[0]).getCompatData ? args[0].getCompatData() || [] : args;
    const [one, two, three] = given;
    const [start, ...rest] = name.split("-");
    const ownModule = /online/i.test(start) ? "online" : rest.join("-");
    if (one && typeof one === "object") {
      return { module: one.module_id || ownModule, command: one.command, params: one.params };
    }
    // Desktop handlers of one module get (command, params, extra), those of all the module first.
    return ownModule
      ? { module: ownModule, command: one, params: two }
      : { module: one, command: two, params: three };
  }

  /** A handler that does what `handler` does, and is noted. */
  function noted(handler, on, event) {
    const wrapper = function (...args) {
      const { module, command, params } = event(args);
      if (module === MODULE) return undefined;
      const call = { on, handler: handler.name || "anonymous", module, command };
      note("call", { ...call, params: copy(params) });
      const fail = (error) => {
        if (Object(error) === error) noticed.add(error);
        else noticedValues.push(error);
        note("error", { ...call, ...describe(error) });
      };
      try {
        const result = handler.apply(this, args);
        // As the client does: not all that has a then() is a promise.
        if (Object(result).then) Promise.resolve(result).then(undefined, fail);
        return result;
      } catch (error) {
        fail(error);
        throw error;
      }
    };
    Object.defineProperty(wrapper, "name", { value: handler.name });
    wrapper.toString = () => String(handler);
    return wrapper;
  }

  const noticed = new WeakSet(); // errors of handlers, which the client reports to the window, too
  const noticedValues = []; // the same of those that are no objects, each once
  const wrappers = new WeakMap(); // handler -> name -> wrapper: the same function is one listener
  function wrapperOf(handler, name) {
    if (!wrappers.has(handler)) wrappers.set(handler, new Map());
    const known = wrappers.get(handler);
    const key = name.toLowerCase();
    if (!known.has(key))
      known.set(
        key,
        noted(handler, name, (args) => eventOf(name, args)),
      );
    return known.get(key);
  }

  /** `method` of `owner`, with the handler among its arguments replaced by what is noted. */
  function replace(owner, method, find) {
    const original = Object(owner)[method];
    if (typeof original !== "function") return original;
    owner[method] = function (...args) {
      const at = typeof args[0] === "string" ? 0 : 1;
      const name = args[at];
      const handler = args[at + 1];
      if (typeof name === "string" && PULL_NAME.test(name) && typeof handler === "function") {
        args[at + 1] = find(handler, name);
      }
      return original.apply(this, args);
    };
    return original;
  }

  const knownWrapper = (handler, name) =>
    (wrappers.has(handler) && wrappers.get(handler).get(name.toLowerCase())) || handler;

  /** A class instance that takes commands: each of its methods is noted. */
  function notedInstance(instance, about) {
    // Called on the instance itself: a proxy has none of its private fields.
    const bound = (method, name) => Object.defineProperty(method.bind(instance), "name", { value: name });
    const call = (method) =>
      noted(method, about, (args) => ({ module: about.split(" ").pop(), command: args[2], params: args[0] }));
    const get = (_, key) => {
      const value = Reflect.get(instance, key);
      if (typeof value !== "function") return value;
      if (key === "getMap") {
        return () =>
          Object.fromEntries(
            Object.entries(value.call(instance)).map(([command, method]) => [
              command,
              typeof method === "function" ? call(bound(method, method.name)) : method,
            ]),
          );
      }
      if (/^get(ModuleId|SubscriptionType)$/.test(String(key))) return value.bind(instance);
      return call(bound(value, String(key)));
    };
    // Of another object: of one that is frozen nothing else could be returned.
    return new Proxy({}, { get, has: (_, key) => key in instance });
  }

  const patchedPulls = new WeakSet();
  /** Notes what is subscribed at this client; and at others of its class, which a page may make. */
  function patchPull(client) {
    const pull = Object.getOwnPropertyNames(client).includes("subscribe") ? client : Object.getPrototypeOf(client);
    if (patchedPulls.has(pull)) return;
    patchedPulls.add(pull);
    const { subscribe, destroy } = pull;
    const wrap = (target) => {
      const given = Object(target);
      if (typeof given.getModuleId === "function")
        return notedInstance(given, `subscribe ${given.getModuleId()}`);
      if (typeof given.callback !== "function") return target;
      const { type = "server", moduleId = "", command, callback } = given;
      const about = `subscribe ${type} ${moduleId}${command === undefined ? "" : `/${command}`}`;
      const event = (args) =>
        command === undefined
          ? { module: moduleId, command: Object(args[0]).command, params: Object(args[0]).params }
          : { module: moduleId, command, params: args[0] };
      // A class may have them, which is not copied.
      return { ...given, type, moduleId, command, callback: noted(callback, about, event) };
    };
    pull.subscribe = function (target) {
      return subscribe.call(this, wrap(target));
    };
    if (pull.attachCommandHandler) {
      pull.attachCommandHandler = function (handler) {
        return this.subscribe(handler);
      };
    }
    if (destroy && window.bxpullSecrets) {
      pull.destroy = function () {
        destroy.call(this);
        bxpullSecrets.destroyed(this);
      };
    }
  }

  /** An event has reached the page. */
  function arrived(type, module, command, params, extra) {
    if (module === MODULE) {
      barrier = Math.max(barrier, Object(params).number || 0);
      wake();
    } else {
      note("event", { type, module, command, params: copy(params), extra: copy(extra) });
    }
  }

  // Of the same event desktop handlers are told first, then mobile ones, unless the client was built for one kind only.
  let known = 0;
  function listen(BX) {
    const desktopOf =
      (type) =>
      (...args) => {
        known++;
        queueMicrotask(() => {
          known = 0;
        });
        const [module, command, params, extra] = type === "online" ? ["online", ...args] : args;
        arrived(type, module, command, params, extra);
      };
    const mobileOf =
      (type) =>
      ({ module_id, command, params, extra }) => {
        if (known) known--;
        else arrived(type, module_id || "online", command, params, extra);
      };
    for (const [type, infix] of [
      ["server", ""],
      ["client", "Client"],
      ["online", "Online"],
    ]) {
      BX.addCustomEvent(`onPull${infix}`, mobileOf(type));
      BX.addCustomEvent(`onPull${infix}Event`, desktopOf(type));
    }
    BX.addCustomEvent("onPullStatus", (status) => note("status", { status }));
    BX.addCustomEvent("onPullGap", (gap) => note("gap", { gap: copy(gap) }));
  }

  let patched;
  /** Begins to note what is called; whoever registered before is not seen. */
  function watch() {
    const { BX } = window;
    if (!BX || patched === BX || typeof BX.addCustomEvent !== "function") return;
    patched = BX;
    listen(BX);
    for (const owner of [BX, Object(Object(BX.Event).EventEmitter)]) {
      const [add, remove] =
        owner === BX ? ["addCustomEvent", "removeCustomEvent"] : ["subscribe", "unsubscribe"];
      replace(owner, add, wrapperOf);
      replace(owner, remove, knownWrapper);
    }
    if (BX.PULL && BX.PULL.subscribe) patchPull(BX.PULL);
  }

  // A page that brings its own client is looked at before each of its scripts: microtasks run in between.
  const observer = new MutationObserver(watch);
  observer.observe(document, { childList: true, subtree: true });
  listenFor(window, "load", () => observer.disconnect());
  // Later ones: before what the page does once such a script is there.
  listenFor(document, "load", watch, true);

  // A browser tells so that observers of sizes go on in the next frame; nothing was thrown.
  const NO_ERROR = /^ResizeObserver loop/;
  listenFor(window, "error", ({ message, error }) => {
    // Page code, too, may have events of that name.
    if (message === undefined || (!error && NO_ERROR.test(message))) return;
    const at = noticedValues.findIndex((value) => Object.is(value, error));
    if (at >= 0) noticedValues.splice(at, 1);
    else if (!noticed.has(error)) note("pageerror", { ...describe(error), message });
  });
  listenFor(window, "unhandledrejection", ({ reason }) => note("pageerror", describe(reason)));

  let forbidden = "";
  listenFor(document, "securitypolicyviolation", ({ blockedURI, effectiveDirective }) => {
    if (effectiveDirective !== "connect-src") return;
    forbidden = `; its Content-Security-Policy has no connect-src for ${blockedURI}: allow or bypass it`;
  });

  const tooSafe = () =>
    location.protocol === "https:" && /^http:/.test(home.url)
      ? "; it came over HTTPS, where the client asks for TLS, which the test's server does not speak: open it over HTTP"
      : "";

  // Of both, for some tests put something of their own there, or nothing.
  const [hasNone, has] = ["none", "enabled"].map(
    (kind) => Object(window.matchMedia && matchMedia(`(scripting: ${kind})`)).matches,
  );

  const isConnected = () => !!(window.BX && BX.PULL && BX.PULL.isConnected && BX.PULL.isConnected());

  let begun = false;
  /** Starts the client, once. Frames without an address are parts of a page, and no pages. */
  function begin() {
    if (begun || !window.bxpullStarts || location.protocol === "about:" || !window.BX || !BX.PULL) return;
    begun = true;
    BX.PULL.start().catch(() => {}); // connect() tells why
  }
  // Reloaded, too, the page is to connect by itself.
  listenFor(window, "load", begin);

  window.bxpullRecorder = {
    watch,
    begin,
    /** The entries from this number of this count on, all of another one; as JSON, with the barrier. */
    take(known, number) {
      const from = Math.max(first, known === count ? number : 0);
      // This answer is lost where the page is left meanwhile; what is asked for tells what has arrived.
      taken = Math.max(taken, from);
      handover.known();
      const list = entries.slice(from - first);
      return text({ page, before, count, first: from, entries: list, barrier, connected: isConnected() });
    },
    /** The same, and in a second line what `bxpullSecrets` has seen. */
    last(known, number) {
      const shown = window.bxpullSecrets ? text({ places: bxpullSecrets.shown() }) : "";
      const told = this.take(known, number);
      taken = first + entries.length; // it is the program that leaves the page, and it waits
      return `${told}\n${shown}`;
    },
    /** Resolves when there is something behind this number, when the barrier moves, or after `ms`. */
    more(known, number, seen, ms) {
      if (known === count) taken = Math.max(taken, number);
      if (known !== count || first + entries.length > number || barrier > seen) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push(resolve);
        after(ms, resolve);
      });
    },
    /**
     * Starts the client unless the page has; this page and the one before once it is connected, else after
     * `ms` why it is not. Whoever is new here is not told what pages before this one left behind.
     */
    async connect(ms, starts, isNew, newHome) {
      home = newHome;
      // No timer would ever end.
      if (hasNone && !has) return "its browser context has JavaScript switched off";
      handover.known();
      if (isNew) {
        entries.splice(0, inherited);
        first += inherited;
        taken = Math.max(taken, first);
        before = "";
      }
      inherited = 0;
      let isOver = ms <= 0;
      after(ms, () => {
        isOver = true;
      });
      let problem = "";
      const until = async (isDone) => {
        while (!isDone() && !isOver && !problem) {
          await new Promise((resolve) => {
            waiting.push(resolve);
            after(POLL_MS, resolve);
          });
        }
        return isDone();
      };
      const within = `${ms / 1000} s`;
      if (!(await until(() => !!(window.BX && BX.PULL)))) {
        return `the page has no BX.PULL: its client was not loaded within ${within}`;
      }
      watch();
      if (starts && !isConnected()) {
        BX.PULL.start().catch((error) => {
          problem = String(error && error.message);
        });
      }
      if (!(await until(isConnected))) {
        return (problem || `not connected after ${within}`) + forbidden + tooSafe();
      }
      return { page, before };
    },
    /** What the client says of itself, without secrets. */
    debug: () => (window.BX && BX.PULL && BX.PULL.getDebugInfo ? copy(BX.PULL.getDebugInfo()) : null),
  };
  watch();
})();
