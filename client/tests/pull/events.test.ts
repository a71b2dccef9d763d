import { describe, expect, it } from "vitest";
import { connectedPage, frame, page, type TestPage } from "../support/page";

const FAMILY = [
  "onPullEvent-test",
  "onPullEvent",
  "onPull-test",
  "onPull",
  "onPullOnlineEvent",
  "onPullOnline",
  "onPullClientEvent-test",
  "onPullClientEvent",
];

function record({ BX }: TestPage, names = FAMILY): [string, ...unknown[]][] {
  const log: [string, ...unknown[]][] = [];
  for (const name of names) BX.addCustomEvent(name, (...args: unknown[]) => log.push([name, ...args]));
  return log;
}

describe("an event of the back end", () => {
  it("reaches desktop, then mobile handlers, then subscribers, each with its arguments", async () => {
    const made = await connectedPage();
    const log = record(made);
    made.pull.subscribe({
      moduleId: "test",
      callback: (...args: unknown[]) => log.push(["subscribe", ...args]),
    });
    made.pull.subscribe({
      moduleId: "TEST",
      command: "check",
      callback: (...args: unknown[]) => log.push(["subscribe check", ...args]),
    });
    made.env.socket.receive(frame("TEST", "check", { id: 1 }, { x: 1 }));
    const extra = { x: 1 };
    const whole = { module_id: "test", command: "check", params: { id: 1 }, extra };
    expect(log).toEqual([
      ["onPullEvent-test", "check", { id: 1 }, extra],
      ["onPullEvent", "test", "check", { id: 1 }, extra],
      ["onPull-test", whole],
      ["onPull", whole],
      ["subscribe", { command: "check", params: { id: 1 }, extra }, { type: "server", moduleId: "test" }],
      ["subscribe check", { id: 1 }, extra, "check", { type: "server", moduleId: "test" }],
    ]);
  });

  it.each([
    ["desktop", ["onPullEvent-test", "onPullEvent"]],
    ["mobile", ["onPull-test", "onPull"]],
  ] as const)("reaches only %s handlers when the page asks for those", async (events, names) => {
    const made = await connectedPage({ events });
    const log = record(made);
    made.env.socket.receive(frame("test", "check"));
    expect(log.map(([name]) => name)).toEqual(names);
  });

  it("reaches who listens at that moment, whatever was heard before", async () => {
    const made = await connectedPage();
    const { BX, pull, env } = made;
    const log: string[] = [];
    const heard = () => {
      log.length = 0;
      env.socket.receive(frame("test", "check"));
      return log.join(" ");
    };
    const onBus = () => log.push("bus");
    expect(heard()).toBe("");
    BX.addCustomEvent("onPullEvent-test", onBus);
    expect(heard()).toBe("bus");
    const end = pull.subscribe({ moduleId: "test", command: "check", callback: () => log.push("command") });
    expect(heard()).toBe("bus command");
    BX.removeCustomEvent?.("onPullEvent-test", onBus);
    expect(heard()).toBe("command");
    end();
    expect(heard()).toBe("");
    const original = BX.onCustomEvent;
    BX.onCustomEvent = ((...args: Parameters<typeof original>) => {
      log.push(String(args[1]));
      original.apply(BX, args);
    }) as typeof original;
    expect(heard()).toBe("onPullEvent-test onPullEvent onPull-test onPull");
    BX.onCustomEvent = original;
    expect(heard()).toBe("");
  });

  it("is handed to each handler as a copy of its own, however deep", async () => {
    const made = await connectedPage();
    const seen: unknown[] = [];
    interface Params {
      list: number[];
      user: { groups: { ids: number[] }[] };
    }
    for (const name of ["onPullEvent-test", "onPullEvent-test", "onPullEvent"]) {
      made.BX.addCustomEvent(name, (...args: unknown[]) => {
        const [{ list, user }, extra] = args.slice(-2) as [Params, Record<string, unknown>];
        seen.push(list.length, user.groups[0]?.ids.length, extra.touched);
        list.push(4);
        user.groups[0]?.ids.push(4);
        extra.touched = true;
      });
    }
    made.pull.subscribe({
      moduleId: "test",
      callback: (data) => seen.push((data as { params: Params }).params.list.length),
    });
    made.env.socket.receive(frame("test", "check", { list: [1, 2, 3], user: { groups: [{ ids: [7] }] } }));
    expect(seen).toEqual([3, 1, undefined, 3, 1, undefined, 3, 1, undefined, 3]);
  });

  it("reaches the others when a handler throws, and the error is reported with its place", async () => {
    const made = await connectedPage();
    const log: string[] = [];
    made.BX.addCustomEvent("onPullEvent-test", function broken() {
      throw new Error("boom");
    });
    made.BX.addCustomEvent("onPullEvent-test", () => log.push("second"));
    made.BX.addCustomEvent("onPullEvent", () => log.push("all"));
    made.pull.subscribe({
      moduleId: "test",
      callback: function alsoBroken() {
        throw new Error("bang");
      },
    });
    made.pull.subscribe({ moduleId: "test", callback: () => log.push("subscriber") });
    made.env.socket.receive(frame("test", "check") + frame("test", "next"));
    expect(log).toEqual(["second", "all", "subscriber", "second", "all", "subscriber"]);
    expect(made.env.printed.map((line) => line.slice(0, 2))).toEqual([
      ["error", "handler of onPullEvent-test broken threw (test/check)"],
      ["error", "handler of server test alsoBroken threw (test/check)"],
      ["error", "handler of onPullEvent-test broken threw (test/next)"],
      ["error", "handler of server test alsoBroken threw (test/next)"],
    ]);
    await made.env.advance(0);
    expect(made.env.errors.map(String)).toEqual(["Error: boom", "Error: bang", "Error: boom", "Error: bang"]);
  });

  it("reaches the others when a handler's promise is rejected, and the error is reported with its place", async () => {
    const { env, BX, pull } = await connectedPage();
    const heard: string[] = [];
    BX.addCustomEvent("onPullEvent-m", async function later() {
      throw new Error("later");
    });
    pull.subscribe({
      moduleId: "m",
      callback: async function alsoLater() {
        throw new Error("later still");
      },
    });
    pull.subscribe({ moduleId: "m", command: "c", callback: () => heard.push("c") });
    env.socket.receive(frame("m", "c"));
    await env.advance(0);
    expect(heard).toEqual(["c"]);
    expect(env.printed.filter(([level]) => level === "error").map(([, what]) => what)).toEqual([
      "handler of onPullEvent-m later threw (m/c)",
      "handler of server m alsoLater threw (m/c)",
    ]);
    expect(env.errors).toEqual([new Error("later"), new Error("later still")]);
  });

  it("reaches the others whatever a handler's name and source are", async () => {
    const made = await connectedPage();
    const log: string[] = [];
    const odd = () => {
      throw new Error("boom");
    };
    Object.defineProperty(odd, "name", { value: Symbol("odd") });
    const hostile = Object.assign(() => {}, {
      toString() {
        throw new Error("no source");
      },
    });
    made.BX.addCustomEvent("onPullEvent-test", odd);
    made.BX.addCustomEvent("onPullEvent-test", hostile);
    made.BX.addCustomEvent("onPullEvent-test", () => log.push("good"));
    made.pull.capturePullEvent();
    made.env.socket.receive(frame("test", "check"));
    expect(log).toEqual(["good"]);
  });

  it("is not delivered once a handler stopped the client, and comes again after the next start", async () => {
    const made = await connectedPage();
    const log = record(made, ["onPullEvent"]);
    made.BX.addCustomEvent("onPullEvent-test", (command: string) => command === "one" && made.pull.stop());
    const [one, two] = [frame("test", "one"), frame("test", "two")];
    made.env.socket.receive(one + two);
    expect(log.map(([, , command]) => command)).toEqual(["one"]);
    made.pull.start();
    await made.env.settle();
    made.env.socket.accept();
    made.env.socket.receive(two);
    expect(log.map(([, , command]) => command)).toEqual(["one", "two"]);
  });

  it("carries how long ago it was sent, by the server's clock", async () => {
    const made = page();
    const log = record(made);
    made.env.time += 5000; // this clock is five seconds ahead of serverTime
    made.pull.start();
    await made.env.settle();
    made.env.socket.accept();
    const sent = Date.parse("2026-11-22T10:00:00Z") / 1000 - 2;
    made.env.socket.receive(frame("test", "check", {}, { server_time_unix: sent }));
    expect((log[0] as [string, string, unknown, { server_time_ago: number }])[3].server_time_ago).toBeCloseTo(
      2,
      3,
    );
  });

  it("that comes again is not handled again", async () => {
    const made = await connectedPage();
    const log = record(made);
    const one = frame("test", "check");
    made.env.socket.receive(one + one);
    made.env.socket.receive(one);
    expect(log.filter(([name]) => name === "onPullEvent")).toHaveLength(1);
  });

  it("that is damaged costs one warning and none of its neighbours", async () => {
    const made = await connectedPage();
    const log = record(made, ["onPullEvent"]);
    made.env.socket.receive(`${frame("test", "one")}#!NGINXNMS!#{oops#!NGINXNME!#${frame("test", "two")}`);
    expect(log.map(([, , command]) => command)).toEqual(["one", "two"]);
    expect(made.env.printed.filter(([level]) => level === "warn")).toHaveLength(1);
  });

  it("cannot touch the prototype of objects", async () => {
    const made = await connectedPage();
    record(made);
    made.env.socket.receive(
      frame(
        "__proto__",
        "constructor",
        JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
      ),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("is found by a handler that reconnects inside it exactly once", async () => {
    const made = await connectedPage();
    const log = record(made, ["onPullEvent"]);
    made.BX.addCustomEvent(
      "onPullEvent-test",
      (command: string) => command === "one" && made.pull.reconnect(),
    );
    const [one, two] = [frame("test", "one"), frame("test", "two")];
    made.env.sockets[0]?.receive(one + two);
    await made.env.settle();
    made.env.socket.accept();
    expect(made.env.socket.query.get("mid")).toBe(/"mid":"(\d+)"/.exec(two)?.[1]);
    made.env.socket.receive(two);
    expect(log.map(([, , command]) => command)).toEqual(["one", "two"]);
  });
});

describe("presence", () => {
  const online = (age: number) =>
    frame(
      "online",
      "user_online",
      { user_id: 5 },
      { server_time_unix: Date.parse("2026-11-22T10:00:00Z") / 1000 - age },
    );

  it("reaches online handlers and subscribers, and none of the others", async () => {
    const made = await connectedPage();
    const log = record(made);
    made.pull.subscribe({
      type: "online",
      callback: (...args: unknown[]) => log.push(["subscribe", ...args]),
    });
    made.env.socket.receive(online(0));
    expect(log.map(([name]) => name)).toEqual(["onPullOnlineEvent", "onPullOnline", "subscribe"]);
    expect(log[0]?.slice(1, 3)).toEqual(["user_online", { user_id: 5 }]);
    expect(log[2]?.[2]).toEqual({ type: "online" });
  });

  it("counts when it is 239 seconds old, and no more when it is 241", async () => {
    const made = await connectedPage();
    const log = record(made, ["onPullOnlineEvent"]);
    made.env.socket.receive(online(239) + online(241));
    expect(log).toHaveLength(1);
  });
});

describe("subscribe()", () => {
  it("returns a function that ends the subscription", async () => {
    const made = await connectedPage();
    let count = 0;
    const end = made.pull.subscribe({ moduleId: "test", callback: () => count++ });
    made.env.socket.receive(frame("test", "a"));
    end();
    end();
    made.env.socket.receive(frame("test", "a"));
    expect(count).toBe(1);
  });

  it("hands commands to methods, mapped methods and mapped functions of a handler", async () => {
    const made = await connectedPage();
    const log: unknown[] = [];
    class Handler {
      mine = "this";
      getModuleId() {
        return "test";
      }
      getMap() {
        return { mapped: this.byMap, named: "byName" };
      }
      byMap(...args: unknown[]) {
        log.push(["byMap", this.mine, ...args]);
      }
      byName(...args: unknown[]) {
        log.push(["byName", this.mine, ...args]);
      }
      handleCheck(...args: unknown[]) {
        log.push(["handleCheck", this.mine, ...args]);
      }
    }
    made.pull.subscribe(new Handler());
    for (const command of ["check", "mapped", "named", "unknown", "constructor"]) {
      made.env.socket.receive(frame("test", command, { id: 1 }));
    }
    const rest = (command: string) => ["this", { id: 1 }, {}, command];
    expect(log).toEqual([
      ["handleCheck", ...rest("check")],
      ["byMap", ...rest("mapped")],
      ["byName", ...rest("named")],
    ]);
  });

  it("tells the state of the connection", async () => {
    const made = page();
    const log: unknown[] = [];
    made.pull.subscribe({ type: "status", callback: (...args: unknown[]) => log.push(args) });
    made.pull.start();
    await made.env.settle();
    made.env.socket.accept();
    expect(log).toEqual([
      [{ status: "connect" }, { type: "status" }],
      [{ status: "online" }, { type: "status" }],
    ]);
  });

  it.each([
    ["an unknown type", { type: "nope", callback() {} }, /no type "nope"/],
    ["no callback", { moduleId: "test" }, /callback must be a function/],
    ["no module", { type: "server", callback() {} }, /needs a moduleId/],
    ["nothing", undefined, /callback must be a function/],
    ["null", null, /callback must be a function/],
  ])("refuses %s", (_, options, message) => {
    expect(() => page().pull.subscribe(options as never)).toThrow(message);
  });

  it.each([
    ["an unknown type", { type: "nope", moduleId: "test" }, /no type "nope"/],
    ["no module", { data: { command: "c" } }, /needs a moduleId/],
    ["nothing", undefined, /needs a moduleId/],
    ["null", null, /needs a moduleId/],
  ])("refuses emit() of %s", (_, event, message) => {
    expect(() => page().pull.emit(event as never)).toThrow(message);
  });

  it.each([undefined, null, 5, {}])("refuses %o for a command handler", (handler) => {
    expect(() => page().pull.attachCommandHandler(handler as never)).toThrow(/callback must be a function/);
  });

  it("takes emit() of an event without data, and of a module that is a number", () => {
    const { pull } = page();
    const heard: unknown[] = [];
    pull.subscribe({ moduleId: "5", callback: (...args: unknown[]) => heard.push(args) });
    pull.emit({ moduleId: 5, data: { command: "c" } } as never);
    pull.emit({ type: "status", data: null });
    expect(heard).toHaveLength(1);
  });

  it("hears emit() of the page", async () => {
    const made = page();
    const log: unknown[] = [];
    made.pull.subscribe({
      type: "client",
      moduleId: "test",
      callback: (...args: unknown[]) => log.push(args),
    });
    made.pull.subscribe({
      moduleId: "test",
      command: "go",
      callback: (...args: unknown[]) => log.push(args),
    });
    made.pull.emit({ type: "client", moduleId: "test", data: { command: "c", params: { a: 1 }, extra: {} } });
    made.pull.emit({ moduleId: "test", data: { command: "go", params: { b: 2 }, extra: {} } });
    expect(log).toEqual([
      [
        { command: "c", params: { a: 1 }, extra: {} },
        { type: "client", moduleId: "test" },
      ],
      [{ b: 2 }, {}, "go", { type: "server", moduleId: "test" }],
    ]);
  });
});

describe("the console", () => {
  const said = ({ env }: TestPage, level: string) =>
    env.printed.filter(([its]) => its === level).map((line) => line.slice(1));

  it("shows every event while capturing, once", async () => {
    const made = await connectedPage();
    record(made);
    made.pull.capturePullEvent();
    made.env.socket.receive(frame("test", "check", { id: 4 }) + frame("online", "user_online"));
    made.pull.capturePullEvent(false);
    made.env.socket.receive(frame("test", "check", { id: 5 }));
    expect(said(made, "info")).toEqual([
      ["onPullEvent", "test", "check", { id: 4 }, {}],
      ["onPullOnlineEvent", "user_online", {}, {}],
    ]);
  });

  it("shows events as they were sent, whatever handlers did to them", async () => {
    const made = await connectedPage();
    made.BX.addCustomEvent("onPullEvent", (_: string, __: string, params: { id: number }) => {
      params.id = 99;
    });
    made.pull.capturePullEvent();
    made.env.socket.receive(frame("test", "check", { id: 4 }));
    expect(said(made, "info")[0]?.[3]).toEqual({ id: 4 });
  });

  it.each([
    ["function", () => (module_id: string) => module_id],
    [
      "named function",
      () =>
        function trap(moduleId: string, command: string) {
          return moduleId + command;
        },
    ],
    ["arrow function", () => (module_id: string) => module_id],
    ["async arrow function", () => async (moduleId: string) => moduleId],
  ])("warns once about a per-module handler that expects onPullEvent's arguments: %s", async (_, make) => {
    const made = await connectedPage();
    made.BX.addCustomEvent("onPullEvent-main", made.BX.delegate(make(), made));
    made.env.socket.receive(frame("main", "check"));
    expect(said(made, "warn")).toEqual([]);
    made.pull.capturePullEvent();
    made.env.socket.receive(frame("main", "check") + frame("main", "check"));
    expect(said(made, "warn")).toHaveLength(1);
    expect(String(said(made, "warn")[0]?.[0])).toContain("(command, params, extra)");
  });

  it("does not warn about onPullEvent itself, nor about other parameters", async () => {
    const made = await connectedPage();
    made.pull.enableLogging();
    made.BX.addCustomEvent("onPullEvent", (module_id: string) => module_id);
    made.BX.addCustomEvent("onPullEvent-main", (command: string, module_id: string) => command + module_id);
    made.BX.addCustomEvent("onPullEvent-main", (command = "module_id") => command);
    made.env.socket.receive(frame("main", "check"));
    expect(said(made, "warn")).toEqual([]);
  });

  it("keeps the connection log for a day", async () => {
    const { pull, env } = await connectedPage();
    pull.enableLogging();
    const later = page({}, env);
    later.pull.start();
    await env.settle();
    env.socket.accept();
    expect(env.printed.some(([level, line]) => level === "log" && String(line).includes("connected"))).toBe(
      true,
    );
    pull.enableLogging(false);
    const silent = page({}, env);
    env.printed.length = 0;
    silent.pull.start();
    await env.settle();
    env.socket.accept();
    expect(env.printed).toEqual([]);
  });
});

describe("getDebugInfo()", () => {
  it("has the well-known keys and no secret", async () => {
    const made = await connectedPage();
    made.env.socket.receive(frame("im", "message", {}, {}, "1".repeat(26)));
    made.pull.extendWatch("TAG");
    const info = made.pull.getDebugInfo();
    expect(info).toMatchObject({
      UserId: "1",
      "Guest userId": "-",
      "Browser online": "Y",
      Connect: "Y",
      "Server type": "local",
      "WebSocket supported": "Y",
      "WebSocket connected": "Y",
      "WebSocket mode": "text",
      "Try connect": "N",
      "Try number": 0,
      ChannelDie: "2099-01-01T00:00:00+00:00",
      ChannelDieShared: "2099-01-01T00:00:00+00:00",
      "Last message": "1".repeat(26),
      "Session history": { im: { message: 1 } },
      "Watch tags": { TAG: true },
    });
    expect(info.Path).toMatch(
      /^ws:\/\/push\.example\/bitrix\/subws\/\?CHANNEL_ID=#[0-9a-f]{8}\/#[0-9a-f]{8}&revision=19$/,
    );
    expect(info.ChannelID).toMatch(/^#[0-9a-f]{8}$/);
    expect(JSON.stringify(info)).not.toContain("a".repeat(32));
  });

  it("counts events and system commands, but not the verdict of the server", async () => {
    const { env, pull } = await connectedPage();
    for (const [module, command, mid] of [
      ["pull", "resume", ""],
      ["pull", "nothing_known"],
      ["tasks", "added", ""],
      ["im", "message"],
      ["im", "message"],
      ["im", "read"],
      ["tasks", "added"],
    ] as const)
      env.socket.receive(frame(module, command, {}, {}, mid));
    expect(pull.getDebugInfo()["Session history"]).toEqual({
      pull: { nothing_known: 1 },
      tasks: { added: 2 },
      im: { message: 2, read: 1 },
    });
  });

  it("counts events by module and command, whatever their names", async () => {
    const { env, pull } = await connectedPage();
    env.socket.receive(frame("__proto__", "polluted") + frame("m", "__proto__"));
    const history = pull.getDebugInfo()["Session history"] as Record<string, object>;
    expect(Object.entries(history).map(([module, commands]) => [module, Object.entries(commands)])).toEqual([
      ["__proto__", [["polluted", 1]]],
      ["m", [["__proto__", 1]]],
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("shows a guest, and says that no configuration is loaded yet", () => {
    expect(page({ guestUserId: -1 }).pull.getDebugInfo()).toMatchObject({
      UserId: "-1(guest)",
      "Guest userId": -1,
      Connect: "N",
      "WebSocket mode": "-",
      "Config error": expect.any(String),
    });
  });
});

describe("methods of newer servers", () => {
  it.each([
    ["sendMessage", 4],
    ["sendMessageToChannels", 4],
    ["sendMessageBatch", 4],
    ["getUsersLastSeen", 5],
    ["ping", 5],
    ["listChannels", 5],
    ["subscribeUserStatusChange", 5],
    ["unsubscribeUserStatusChange", 5],
  ] as const)("%s() rejects with an error that names version %i", async (method, version) => {
    const { pull } = await connectedPage();
    await expect((pull[method] as () => Promise<unknown>)()).rejects.toMatchObject({
      code: "VERSION_NEEDED",
      message: expect.stringContaining(`version ${version} or newer`),
    });
  });
});
