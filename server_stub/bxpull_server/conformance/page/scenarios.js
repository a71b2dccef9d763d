// What is tried, in the order of the table's rows: each on every wire, unless `not` says why not on that one.

const OWN_CONNECTION = "on this wire each page has a connection of its own";
const SHARED = "conformance_shared"; // the module of what goes to all pages, of other scenarios too
const BURST = 500;
const PAGE = 1; // the type of a sender

/** Params of every JSON kind, and text that something on the way might take for its own. */
const EVERY_KIND = {
  nothing: null,
  yes: true,
  no: false,
  whole: 42,
  negative: -7,
  fraction: 0.125,
  huge: 9007199254740991,
  text: "Привет, 世界, 😀, \u2028 \u0000 \\ \" ' </script> <!-- #!NGINXNMS!# #!NGINXNME!# %s",
  empty: "",
  list: [1, [2, [3, []]], { deep: [{ er: null }] }],
  object: { "": 1, "a b": {}, __proto_: [], ключ: "значение" },
};

function commands(heard) {
  return heard.map((entry) => entry[1]);
}

/** Notes every state of a client from now on; returns their names. */
function states(page) {
  const names = [];
  page.client.onState((state) => names.push(state.state));
  return names;
}

export const SCENARIOS = [
  {
    name: "connects in its format",
    async run(t) {
      const page = await t.connected();
      t.equal(page.client.getServerVersion(), t.wire.version, "getServerVersion()");
      const { format, transport } = t.wire;
      const connection = await t.connection(page.user);
      t.equal([connection.format, connection.transport], [format, transport], "the server's view");
      const { "Shared worker": shared = "" } = page.client.getDebugInfo();
      t.equal(shared === "Y", t.wire.shared, `a shared worker (${shared || "none"})`);
    },
  },
  {
    name: "desktop handlers of a module and of all",
    async run(t) {
      const page = await t.connected();
      page.BX.addCustomEvent("onPullEvent-other", () => page.window.hear("another module"));
      page.BX.addCustomEvent("onPullEvent", (module, command, params, extra) => {
        if (module !== SHARED) page.window.hear("all", module, command, params, typeof extra);
      });
      await t.run.send(page.user, "check", { a: 1 });
      t.equal(
        (await page.hears(2)).sort(),
        [
          ["all", "conformance", "check", { a: 1 }, "object"],
          ["event", "check", { a: 1 }],
        ],
        "what was heard",
      );
    },
  },
  {
    name: "mobile handlers of a module and of all",
    async run(t) {
      const page = await t.page();
      page.BX.addCustomEvent("onPull-conformance", (event) =>
        page.window.hear("mobile", event.module_id, event.command, event.params, typeof event.extra),
      );
      page.BX.addCustomEvent("onPull", ({ module_id: module, command, params, extra }) => {
        if (module !== SHARED) page.window.hear("mobile all", module, command, params, typeof extra);
      });
      await page.start();
      await t.run.send(page.user, "check", { a: 1 });
      const told = ["conformance", "check", { a: 1 }, "object"];
      t.equal(
        (await page.hears(3)).filter((entry) => entry[0] !== "event").sort(),
        [
          ["mobile all", ...told],
          ["mobile", ...told],
        ],
        "what was heard",
      );
    },
  },
  {
    name: "subscribe and its end",
    async run(t) {
      const page = await t.connected();
      const end = page.client.subscribe({
        moduleId: "conformance",
        command: "once",
        callback: (params) => page.window.hear("subscriber", params),
      });
      await t.run.send(page.user, "once", { number: 1 });
      await page.hears(2);
      end();
      await t.run.send(page.user, "once", { number: 2 });
      const heard = (await page.hears(3)).filter((entry) => entry[0] === "subscriber");
      t.equal(heard, [["subscriber", { number: 1 }]], "what the subscriber heard");
    },
  },
  {
    name: "guest by negative id",
    async run(t) {
      const page = await t.connected({ user: await t.user({ guest: true }) });
      await t.run.send(page.user, "welcome", { guest: true });
      t.equal(await page.hears(1), [["event", "welcome", { guest: true }]], "what was heard");
    },
  },
  {
    name: "shared channel",
    async run(t) {
      const page = await t.connected();
      page.BX.addCustomEvent(`onPullEvent-${SHARED}`, (command) => page.window.hear("shared", command));
      await t.run.act("send-shared");
      // Other scenarios send there at the same time.
      t.equal((await page.hears(1))[0], ["shared", "news"], "what was heard");
    },
  },
  {
    name: "params of every JSON kind",
    async run(t) {
      const page = await t.connected();
      await t.run.send(page.user, "kinds", EVERY_KIND);
      await t.run.send(page.user, "none");
      t.equal(
        await page.hears(2),
        [
          ["event", "kinds", EVERY_KIND],
          ["event", "none", []],
        ],
        "what was heard",
      );
    },
  },
  {
    name: "large event",
    async run(t) {
      const page = await t.connected();
      const text = "жz😀".repeat(20000);
      await t.run.send(page.user, "large", { text });
      const [[, , params]] = await page.hears(1);
      t.equal(
        [params.text.length, params.text === text],
        [text.length, true],
        "length, and whether it is the same",
      );
    },
  },
  {
    name: "burst of 500 events in order",
    async run(t) {
      const page = await t.connected();
      await t.run.act("burst", { user: page.user, count: BURST });
      const numbers = (await page.hears(BURST)).map((entry) => entry[2].number);
      t.equal(
        numbers,
        Array.from({ length: BURST }, (_, number) => number),
        "the numbers heard",
      );
    },
  },
  {
    name: "duplicates are dropped",
    async run(t) {
      const page = await t.connected();
      await t.run.act("fault", { kind: "duplicate", user: page.user });
      await t.run.send(page.user, "first");
      await page.hears(1);
      await t.run.send(page.user, "second");
      t.equal(commands(await page.hears(2)), ["first", "second"], "what was heard");
    },
  },
  {
    name: "reconnects after a loss, without losing events",
    async run(t) {
      const page = await t.connected();
      await t.run.send(page.user, "before");
      await page.hears(1);
      const seen = states(page);
      await t.run.act("fault", { kind: "drop", user: page.user });
      for (const command of ["away-1", "away-2", "away-3"]) await t.run.send(page.user, command);
      // A browser may ask again by itself when a poll ends without an answer.
      if (!t.wire.polls) await t.until(() => seen.includes("waiting"), "the client to notice the loss");
      await t.run.send(page.user, "after");
      const wanted = ["before", "away-1", "away-2", "away-3", "after"];
      t.equal(commands(await page.hears(5)), wanted, "what was heard");
    },
  },
  {
    name: "resumes after a reload",
    async run(t) {
      const page = await t.connected();
      await t.run.send(page.user, "before");
      await page.hears(1);
      await page.leave();
      await t.run.send(page.user, "away");
      await page.load();
      await page.start();
      await t.run.send(page.user, "after");
      t.equal(commands(await page.hears(2)), ["away", "after"], "what was heard after the reload");
    },
  },
  {
    name: "a gap is told",
    async run(t) {
      const page = await t.connected();
      await t.run.send(page.user, "before");
      await page.hears(1);
      await page.leave();
      await t.run.send(page.user, "lost");
      await t.run.act("evict-history", { user: page.user });
      await page.load();
      page.BX.addCustomEvent("onPullGap", (gap) => page.window.hear("gap", Boolean(gap.through)));
      await page.start();
      t.equal(await page.hears(1), [["gap", true]], "what was heard after the reload");
    },
  },
  {
    name: "channel expiry",
    async run(t) {
      const page = await t.connected();
      const channel = () => page.client.getConfig().channels.private.id;
      for (const named of [true, false]) {
        const old = channel();
        await t.run.act("expire-channel", { user: page.user, new_channel: named });
        await t.until(
          () => channel() !== old && page.client.isConnected(),
          named ? "the channel that was named" : "the channel that was asked for",
        );
        await t.run.send(page.user, named ? "named" : "asked");
        await page.hears(named ? 1 : 2);
      }
      t.equal(commands(await page.hears(2)), ["named", "asked"], "what was heard");
    },
  },
  {
    name: "config expiry",
    async run(t) {
      const page = await t.connected();
      await t.run.act("user", { user: page.user, mode: "shared" });
      await t.run.act("expire-config", { user: page.user });
      await t.until(
        () => page.client.isSharedMode() && page.client.isConnected(),
        "the new config to be used",
      );
      await t.run.send(page.user, "check");
      t.equal(commands(await page.hears(1)), ["check"], "what was heard");
    },
  },
  {
    name: "publishing from page to page",
    async run(t) {
      const sender = await t.connected();
      const publish = (user) => sender.client.sendMessage([user], "conformance", "typing", { chat: 7 });
      if (t.wire.version < 4)
        return t.rejected(publish(1), "VERSION_NEEDED", "sendMessage() over text frames");
      if (t.wire.version > 4 && t.wire.polls) {
        return t.rejected(publish(1), "NOT_CONNECTED", "sendMessage() of version 5 while polling");
      }
      const receiver = await t.page();
      receiver.BX.addCustomEvent("onPullClientEvent-conformance", (command, params, extra) =>
        receiver.window.hear("client event", command, params, extra.sender.type),
      );
      await receiver.start();
      await publish(receiver.user);
      const wanted = ["client event", "typing", { chat: 7 }, PAGE];
      t.equal(await receiver.hears(1), [wanted], "what the other page heard");
    },
  },
  {
    name: "presence",
    async run(t) {
      const [watcher, other] = [await t.connected(), await t.page()];
      const { client } = watcher;
      const told = ({ userId, isOnline }) => watcher.window.hear("status", Number(userId), isOnline);
      const watched = client.subscribeUserStatusChange(other.user, told);
      if (t.wire.version < 5) return t.rejected(watched, "VERSION_NEEDED", "subscribeUserStatusChange()");
      if (t.wire.polls)
        return t.rejected(watched, "NOT_CONNECTED", "subscribeUserStatusChange() while polling");
      await watched;
      await other.start();
      await watcher.hears(1);
      t.equal((await client.getUsersLastSeen([other.user]))[other.user], 0, "last seen of who is online");
      other.client.stop();
      const wanted = [true, false].map((online) => ["status", other.user, online]);
      t.equal(await watcher.hears(2), wanted, "what was told");
    },
  },
  {
    name: "watch tags are extended",
    slow: true,
    not: (wire) =>
      wire.shared || wire.polls ? "asked over REST, as with a WebSocket of the page's own" : "",
    async run(t) {
      const page = await t.connected();
      const [known, unknown] = [`${page.user}-known`, `${page.user}-unknown`].map((name) => t.run.tag(name));
      await t.run.act("watch", { user: page.user, tag: known });
      page.client.extendWatch(known, true);
      page.client.extendWatch(unknown, true);
      const tags = () => JSON.stringify(page.client.getDebugInfo()["Watch tags"] || "");
      // The portal's answer makes the client forget the tag that nobody knows.
      await t.until(
        () => !tags().includes(unknown),
        () => `the answer; the tags are ${tags()}`,
      );
      t.equal(tags().includes(known), true, "whether the known tag is kept");
      await t.run.act("send-to-tag", { tag: known });
      t.equal(commands(await page.hears(1)), ["tag"], "what was heard");
    },
  },
  {
    name: "two pages, one connection",
    not: (wire) => (wire.shared ? "" : OWN_CONNECTION),
    async run(t) {
      const first = await t.connected();
      const second = await t.connected({ user: first.user });
      t.equal((await t.connections(first.user)).length, 1, "connections of the user");
      await t.run.send(first.user, "both");
      await Promise.all([first.hears(1), second.hears(1)]);
      first.client.stop();
      await t.run.send(first.user, "one");
      t.equal(commands(await second.hears(2)), ["both", "one"], "what the page heard that stayed");
      t.equal(commands(first.heard), ["both"], "what the page heard that stopped");
    },
  },
  {
    name: "debug info and capture",
    async run(t) {
      const page = await t.connected();
      const printed = [];
      page.window.console.info = (...values) => printed.push(values);
      page.client.capturePullEvent();
      await t.run.send(page.user, "captured");
      await page.hears(1);
      t.equal(printed.length > 0, true, "whether the event was printed");
      const info = page.client.getDebugInfo();
      t.equal(info.Connect, "Y", "Connect of getDebugInfo()");
      const { id } = page.client.getConfig().channels.private;
      t.equal(JSON.stringify(info).includes(id), false, "whether it tells the channel's id");
    },
  },
  {
    name: "a handler that throws stops no other",
    async run(t) {
      const page = await t.page({ throws: true });
      page.window.console.error = () => {}; // the report is wanted, and not for whoever looks at the console
      page.BX.addCustomEvent("onPullEvent-conformance", () => {
        throw new Error("thrown by a scenario");
      });
      page.BX.addCustomEvent("onPullEvent-conformance", (command) => page.window.hear("later", command));
      await page.start();
      await t.run.send(page.user, "check");
      await page.hears(2);
      await t.until(() => page.window.errors.length > 0, "the window's error event");
      await t.run.send(page.user, "next");
      t.equal(commands(await page.hears(4)), ["check", "check", "next", "next"].sort(), "what was heard");
    },
  },
  {
    name: "stop and destroy close the connection",
    async run(t) {
      const page = await t.connected();
      const gone = async () => (await t.connections(page.user)).length === 0;
      page.client.stop();
      t.equal(page.client.isConnected(), false, "isConnected() after stop()");
      await t.until(gone, "the server to see the connection end after stop()");
      await page.start();
      page.client.destroy();
      await t.until(gone, "the server to see the connection end after destroy()");
      await t.rejected(page.client.start(), "PULL_DESTROYED", "start() after destroy()");
    },
  },
  {
    name: "falls back to long polling",
    last: true, // a browser may make all WebSockets to a server wait which has just refused some
    not: (wire) => (wire.shared || wire.polls ? "tried with a WebSocket of the page's own" : ""),
    async run(t) {
      const page = await t.page();
      await t.run.act("fault", { kind: "refuse", user: page.user, status: 503, times: 2 });
      await page.start();
      const connection = await t.connection(page.user);
      t.equal(connection.transport, "long polling", "what carries the events");
      await t.run.send(page.user, "polled");
      t.equal(commands(await page.hears(1)), ["polled"], "what was heard");
    },
  },
];
