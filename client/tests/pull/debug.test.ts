import { describe, expect, it } from "vitest";
import { connectedPage, frame, page, type TestPage } from "../support/page";
import { record } from "../support/record";

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
