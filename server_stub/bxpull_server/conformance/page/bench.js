// What a scenario works with: frames with clients, the server, and checks.

const PATIENCE_MS = 20000;
const LOOK_AGAIN_MS = 15;

/** Thrown by a scenario that has nothing to try on its wire; the message says why. */
export class Impossible extends Error {}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

/** A frame that holds a page with a client. */
class Frame {
  constructor(bench, user, address) {
    this._bench = bench;
    this._address = address;
    this._element = document.createElement("iframe");
    this._element.tabIndex = -1;
    this._element.title = "A page with the client";
    this.user = user;
  }

  get window() {
    return this._element.contentWindow;
  }

  get client() {
    return this.window.client;
  }

  get BX() {
    return this.window.BX;
  }

  /** What was heard, oldest first. */
  get heard() {
    return this.window.heard.map((entry) => JSON.parse(entry));
  }

  /** Loads the page; its client is there then, and not started. */
  async load() {
    const loaded = new Promise((resolve) => this._element.addEventListener("load", resolve, { once: true }));
    if (this._element.isConnected) this.window.location.replace(this._address);
    else {
      this._element.src = this._address;
      document.getElementById("frames").append(this._element);
    }
    await loaded;
    await this.window.ready;
  }

  /** Leaves the page, as a visitor does who goes on; `load()` comes back. */
  async leave() {
    const loaded = new Promise((resolve) => this._element.addEventListener("load", resolve, { once: true }));
    this.window.location.replace("away.html");
    await loaded;
  }

  /** Starts the client; resolves once it is connected. */
  async start() {
    await this.client.start();
    await this._bench.until(() => this.client.isConnected(), "the client to be connected");
  }

  /** Waits until so many calls of `hear()` were noted; resolves with all of them. */
  async hears(count) {
    await this._bench.until(
      () => this.window.heard.length >= count,
      () => `${count} events; heard so far: ${this.window.heard.slice(-5).join(" ") || "nothing"}`,
    );
    return this.heard;
  }

  /** Removes the frame, and with it the page. */
  remove() {
    this._element.remove();
  }
}

/** One scenario on one wire. */
export class Bench {
  constructor(run, wire) {
    this._frames = [];
    this._over = "";
    this.run = run;
    this.wire = wire;
  }

  /** A user whose configs are of the wire's version; `guest`: a guest instead. */
  async user({ guest = false } = {}) {
    const number = this.run.newUser();
    const user = guest ? -number : number;
    await this.run.act("user", { user, server_version: this.wire.version });
    return user;
  }

  /** A frame with a client that is not started; of a new user, unless one is given. */
  async page({ user, throws = false } = {}) {
    const owner = user || (await this.user());
    const query = new URLSearchParams({ user: owner });
    query.set("script", `${this.run.client}${this.wire.shared ? "shared" : "direct"}.js`);
    if (this.wire.shared) query.set("worker", "worker.js"); // beside the script
    if (this.wire.polls) query.set("poll", "");
    if (throws) query.set("throws", "");
    const frame = new Frame(this, owner, `frame.html?${query}`);
    this._frames.push(frame);
    await frame.load();
    return frame;
  }

  /** A frame whose client is connected. */
  async connected(options) {
    const frame = await this.page(options);
    await frame.start();
    return frame;
  }

  /** The connections of a user that are open now, as the server sees them. */
  async connections(user) {
    return (await this.run.act("connections", { user })).filter((connection) => connection.open);
  }

  /** Waits for a connection of a user: one that polls has none between two requests. */
  async connection(user) {
    let found;
    const look = async () => {
      [found] = await this.connections(user);
      return found;
    };
    await this.until(look, "a connection at the server");
    return found;
  }

  /**
   * Waits until a condition holds.
   *
   * @param condition May return a promise.
   * @param what What is waited for, or a function that says it: for the reason of a failure.
   */
  async until(condition, what) {
    const end = Date.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (this._over) throw new Error(this._over);
      if (Date.now() > end) {
        throw new Error(`waited ${PATIENCE_MS / 1000} s for ${typeof what === "function" ? what() : what}`);
      }
      await pause();
    }
  }

  /** Fails unless two values are the same JSON. */
  equal(found, wanted, what) {
    const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (is !== should) throw new Error(`${what}: ${cut(is)} instead of ${cut(should)}`);
  }

  /** Fails unless a promise is rejected with this code. */
  async rejected(promise, code, what) {
    let found = "no rejection";
    try {
      await promise;
    } catch (error) {
      found = error.code || String(error);
    }
    this.equal(found, code, what);
  }

  /** Ends what the scenario began. */
  close() {
    this._over = "the scenario is over";
    for (const frame of this._frames) frame.remove();
  }
}

function cut(text) {
  return text && text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
