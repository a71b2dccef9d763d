import { describe, expect, it } from "vitest";
import { connectedPage, frame, page } from "../support/page";
import { record } from "../support/record";

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
