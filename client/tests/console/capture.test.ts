import { expect, it } from "vitest";
import { installConsole } from "../../src/console/install";
import { FakeEnv } from "../support/fake-env";
import { frame, newerPage, rpcFrame, SIGNATURE } from "../support/page";
import { briefly, consolePage } from "./page";

const SECRET = `${"a".repeat(32)}.${SIGNATURE}`;

it("captures nothing before start() and after stop(), and leaves no listener", async () => {
  const { console, env } = await consolePage();
  env.socket.receive(frame("im", "message", { n: 1 }));
  console.start();
  env.socket.receive(frame("im", "message", { n: 2 }));
  console.stop();
  env.socket.receive(frame("im", "message", { n: 3 }));
  expect(briefly(console)).toEqual(["im message 2"]);
});

it("captures each event once, with time, params and extra", async () => {
  const { console, env } = await consolePage();
  console.start();
  env.socket.receive(frame("im", "message", { n: 1 }, { server_name: "portal" }));
  expect(console.events()).toEqual([
    {
      time: "2026-11-22T10:00:00.000Z",
      module: "im",
      command: "message",
      params: { n: 1 },
      extra: { server_name: "portal" },
    },
  ]);
});

it.each(["both", "desktop", "mobile"] as const)(
  "hears a client that calls handlers of the kind %s",
  async (events) => {
    const { console, env } = await consolePage({ events });
    console.start();
    for (const n of [1, 2]) env.socket.receive(frame("im", "message", { n }));
    env.socket.receive(frame("online", "user_online", { n: 3 }, { server_time_unix: 1795341600 }));
    expect(briefly(console)).toEqual(["im message 1", "im message 2", "online user_online 3"]);
    expect(console.events()[2]?.kind).toBe("online");
  },
);

it("tells what pages have sent from what back ends have", async () => {
  const made = await newerPage(5);
  Object.assign(made.env, { BX: made.BX });
  installConsole(made.win);
  const { PullConsole } = made.BX;
  PullConsole.start();
  made.env.socket.receive(rpcFrame("im", "typing", { n: 1 }, { type: 1 }));
  expect(PullConsole.events()).toMatchObject([{ kind: "client", module: "im", command: "typing" }]);
});

it("keeps what an event was, whatever a handler does to it", async () => {
  const { console, BX } = await consolePage();
  console.start();
  const params = { list: [1] };
  BX.onCustomEvent("onPullEvent", ["im", "message", params, {}]);
  params.list.push(2);
  for (const event of console.events()) (event.params as typeof params).list.push(3);
  expect(console.events()[0]?.params).toEqual({ list: [1] });
});

it("captures what module and command are asked for", async () => {
  const { console, env } = await consolePage();
  console.start({ module: "im", command: /^message/, limit: 2 });
  ["message", "typing", "messageUpdate", "messageDelete"].forEach((command, n) => {
    env.socket.receive(frame("im", command, { n }));
    env.socket.receive(frame("main", command, { n }));
  });
  expect(briefly(console)).toEqual(["im messageUpdate 2", "im messageDelete 3"]);
});

it("goes on with another filter, and forgets nothing", async () => {
  const { console, env } = await consolePage();
  console.start({ module: "im" });
  env.socket.receive(frame("im", "message", { n: 1 }));
  console.start({ module: "main" });
  for (const module of ["im", "main"]) env.socket.receive(frame(module, "message", { n: 2 }));
  expect(briefly(console)).toEqual(["im message 1", "main message 2"]);
});

it("captures nothing while it is paused", async () => {
  const { console, env } = await consolePage();
  console.start();
  console.pause();
  env.socket.receive(frame("im", "message", { n: 1 }));
  console.pause(false);
  env.socket.receive(frame("im", "message", { n: 2 }));
  console.pause();
  console.start();
  env.socket.receive(frame("im", "message", { n: 3 }));
  expect(briefly(console)).toEqual(["im message 2", "im message 3"]);
  console.clear();
  expect(console.events()).toEqual([]);
});

it("notes what becomes of the connection, but not for files", async () => {
  const { console, env, statuses } = await consolePage();
  console.start();
  statuses.length = 0;
  env.socket.drop();
  await env.advance(20_000);
  expect(statuses).toEqual(["connect", "offline"]);
  expect(console.events()).toMatchObject(
    statuses.map((status) => ({ kind: "status", module: "pull", command: "status", params: { status } })),
  );
  expect(console.export()).toBe("");
});

it("shows fingerprints in the place of secrets, in files always", async () => {
  const { console, env } = await consolePage();
  console.start();
  env.socket.receive(frame("im", "message", { channel: SECRET, jwt: "eyJhbGci.eyJzdWIi.c2ln" }));
  const shown = [JSON.stringify(console.events()), console.export(), JSON.stringify(console.step())];
  for (const text of shown) {
    expect(text).not.toMatch(/a{32}|1{40}|eyJ/);
    expect(text).toMatch(/"#[\da-f]{8}"/);
  }
  expect(console.events({ unsafe: true })[0]?.params).toMatchObject({ channel: SECRET });
});

it("survives what is no JSON", async () => {
  const { console, BX } = await consolePage();
  console.start();
  const round: Record<string, unknown> = {};
  round.self = round;
  BX.onCustomEvent("onPullEvent", ["im", "message", round, {}]);
  BX.onCustomEvent("onPullEvent", []);
  BX.onCustomEvent("onPullEvent", ["im", "message", { n: 1 }, { n: 1n }]);
  expect(console.events()).toMatchObject([
    { params: "(no JSON)" },
    { module: "undefined", params: null },
    {},
  ]);
  expect(console.events()[2]).toEqual({
    time: "2026-11-22T10:00:00.000Z",
    module: "im",
    command: "message",
    params: { n: 1 },
    extra: "(no JSON)",
  });
});

it("refuses a limit that is no number of events", async () => {
  const { console } = await consolePage();
  expect(() => console.start({ limit: 0 })).toThrow(
    "option limit: 0 is not a number of events; give one like 1000",
  );
});

it("says what to load first where there is no BX", async () => {
  const env = new FakeEnv();
  installConsole(env as never);
  expect(env.printed).toEqual([
    ["error", "no BX.addCustomEvent: load the Pull client, or the page's own BX, before the console"],
  ]);
});

it("keeps a console that is there", async () => {
  const { BX, console, env, win } = await consolePage();
  installConsole(win);
  expect(BX.PullConsole).toBe(console);
  expect(env.printed).toEqual([["log", "BX.PullConsole is kept"]]);
});
