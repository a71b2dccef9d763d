import { describe, expect, it } from "vitest";
import type { PullState } from "../../src/pull/state";
import { config, connectedPage, frame, page, type TestPage } from "../support/page";

/** Every state from now on, as `name: reason`. */
function follow({ pull }: TestPage): string[] {
  const seen: string[] = [];
  pull.onState(({ state, reason }) => seen.push(`${state}: ${reason}`));
  return seen;
}

const stateOf = ({ pull }: TestPage): PullState => {
  let last: PullState | undefined;
  pull.onState((state) => {
    last = state;
  })();
  return last as PullState;
};

describe("onState()", () => {
  it("tells the state now, and every change with its reason", async () => {
    const made = page();
    const seen = follow(made);
    const { env, pull } = made;
    pull.start();
    await env.settle();
    env.socket.accept();
    env.socket.drop(1006, "gone");
    await env.until(() => env.sockets.length > 1);
    env.socket.accept();
    pull.disconnect(3004, "by hand");
    pull.reconnect(3004, "again");
    await env.settle();
    env.socket.accept();
    env.fire("pagehide");
    env.fire("pageshow");
    await env.settle();
    env.socket.accept();
    pull.stop();
    pull.destroy();
    expect(seen).toEqual([
      "stopped: not started",
      "connecting: start",
      "connected: start",
      "waiting: closed with 1006 gone",
      "connecting: closed with 1006 gone",
      "connected: closed with 1006 gone",
      "disconnected: by hand",
      "connecting: again",
      "connected: again",
      "suspended: pagehide",
      "connecting: pageshow",
      "connected: pageshow",
      "stopped: stopped",
      "destroyed: destroy()",
    ]);
  });

  it("tells when the next try is due and how many have failed", async () => {
    const made = await connectedPage({ minReconnectDelay: 4000 });
    made.env.randomValue = 0.25;
    made.env.socket.drop();
    expect(stateOf(made)).toMatchObject({
      state: "waiting",
      since: made.env.time,
      retryAt: made.env.time + 1000,
      attempt: 1,
    });
    await made.env.advance(1000);
    made.env.socket.accept();
    expect(stateOf(made)).toMatchObject({ state: "connected", retryAt: 0 });
    made.env.socket.receive(frame("pull", "server_restart"));
    expect(stateOf(made)).toMatchObject({ state: "waiting", reason: "server restarted" });
    expect(stateOf(made).retryAt - made.env.time).toBe(16_250);
  });

  it("lets a callback that is told of disconnect() connect again, and keeps its promise", async () => {
    const { env, pull } = await connectedPage();
    let connected: Promise<true> | undefined;
    pull.onState(({ state }) => {
      if (state === "disconnected") connected = pull.connect();
    });
    pull.disconnect();
    await env.settle();
    env.socket.accept();
    expect(await connected).toBe(true);
  });

  it.each(["stop", "disconnect"] as const)(
    "is that of %s() in a callback of start() with another config",
    async (end) => {
      const { env, pull } = await connectedPage();
      const told: string[] = [];
      pull.onState(({ state }) => {
        told.push(state);
        if (state === "connecting") pull[end]();
      });
      const other = config({ clientId: "other" });
      await expect(pull.start(other)).rejects.toMatchObject({ code: "PULL_STOPPED" });
      await env.advance(60_000);
      expect(told).toEqual(["connected", "connecting", end === "stop" ? "stopped" : "disconnected"]);
      expect(env.sockets).toHaveLength(1);
      expect(env.socket.closedWith).toEqual([3000, "config was replaced"]);
    },
  );

  it("of a client that is started again by who hears of its stop, and does not connect, is offline", async () => {
    const { env, pull, statuses } = await connectedPage();
    pull.onState(({ state }) => {
      if (state === "stopped") pull.start();
    });
    env.socket.drop();
    pull.stop();
    await env.advance(4999);
    expect(statuses).not.toContain("offline");
    await env.advance(2);
    expect(statuses.at(-1)).toBe("offline");
  });

  it("of a client that is started again by who hears of its stop ends with that start", async () => {
    for (const teller of ["state", "status"]) {
      const made = await connectedPage();
      const { env, pull, BX, statuses } = made;
      const seen = follow(made);
      const again = (told: string) => {
        if (told === "stopped" || told === "offline") pull.start();
      };
      if (teller === "state") pull.onState(({ state }) => again(state));
      else BX.addCustomEvent("onPullStatus", again);
      pull.stop();
      expect(seen.slice(1)).toEqual(["stopped: stopped", "connecting: start"]);
      expect(statuses.at(-1)).toBe("connect");
      await env.settle();
      env.socket.accept();
      expect(statuses.at(-1)).toBe("online");
    }
  });

  it("stops telling when its function is called, and one callback's error reaches no other", async () => {
    const made = page();
    const seen: string[] = [];
    const callback = ({ state }: PullState) => seen.push(state);
    made.pull.onState(() => {
      throw new Error("bad page");
    });
    const end = made.pull.onState(callback);
    made.pull.onState(callback);
    end();
    made.pull.start();
    await made.env.settle();
    expect(seen).toEqual(["stopped", "stopped", "connecting"]);
    expect(made.env.printed.flat().join()).toContain("onState() threw");
  });
});
