import { describe, expect, it } from "vitest";
import { connectedPage, frame, page } from "../support/page";

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

  it.each([null, ""])("takes the command %o for none", async (command) => {
    const made = await connectedPage();
    const heard: unknown[] = [];
    const callback = ({ command }: { command: string }) => heard.push(command);
    made.pull.subscribe({ moduleId: "test", command, callback } as never);
    made.env.socket.receive(frame("test", "a") + frame("test", ""));
    expect(heard).toEqual(["a", ""]);
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
    ["no callback", { moduleId: "test" }, /needs a callback function/],
    ["no module", { type: "server", callback() {} }, /needs a moduleId/],
    ["nothing", undefined, /needs a callback function/],
    ["null", null, /needs a callback function/],
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
    expect(() => page().pull.attachCommandHandler(handler as never)).toThrow(/needs a callback function/);
  });

  it("takes emit() of an event without data, and of a module that is a number", () => {
    const { pull } = page();
    const heard: unknown[] = [];
    pull.subscribe({ moduleId: "5", callback: (...args: unknown[]) => heard.push(args) });
    pull.emit({ moduleId: 5, data: { command: "c" } } as never);
    pull.emit({ type: "status", data: null });
    expect(heard).toHaveLength(1);
  });

  it("hears emit() of what is no command, as it is", () => {
    const made = page();
    const heard: unknown[] = [];
    const callback = (...args: unknown[]) => heard.push(args);
    made.pull.subscribe({ moduleId: "test", callback });
    made.pull.subscribe({ moduleId: "test", command: "go", callback });
    made.pull.subscribe({ getModuleId: () => "test", handleUndefined: callback });
    for (const data of [{ a: 1 }, "text", null]) made.pull.emit({ moduleId: "test", data });
    expect(heard).toEqual(
      [{ a: 1 }, "text", null].map((data) => [data, { type: "server", moduleId: "test" }]),
    );
    expect(made.env.printed).toEqual([]);
  });

  it("takes a number for its digits, as a command", async () => {
    const { env, pull } = await connectedPage();
    const heard: unknown[] = [];
    pull.subscribe({ moduleId: "test", command: 5 as never, callback: () => heard.push("callback") });
    pull.subscribe({ getModuleId: () => "test", handle5: () => heard.push("handler") });
    env.socket.receive(frame("test", 5 as never));
    pull.emit({ moduleId: "test", data: { command: 5 } });
    expect(heard).toEqual(["handler", "callback", "handler", "callback"]);
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
