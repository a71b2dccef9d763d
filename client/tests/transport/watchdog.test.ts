import { describe, expect, it } from "vitest";
import { connectedPage, frame, newerPage, nextMid } from "../support/page";

describe("a connection without pings that has been silent for a minute", () => {
  it("is replaced by another, without a gap, a double or an announcement", async () => {
    const { env, BX, pull, statuses } = await connectedPage();
    const states: unknown[] = [];
    pull.onState(({ state, resume }) => states.push([state, resume]));
    const heard: string[] = [];
    BX.addCustomEvent("onPullEvent", (_: string, command: string) => heard.push(command));
    const [one, two] = [nextMid(), nextMid()];
    env.socket.receive(frame("m", "one", {}, {}, one));
    const old = env.socket;
    await env.advance(60_000);
    expect([env.sockets.length, env.socket.query.get("mid")]).toEqual([2, one]);
    env.socket.accept();
    expect(old.closedWith).not.toBeNull();
    env.socket.receive(frame("m", "one", {}, {}, one) + frame("m", "two", {}, {}, two));
    expect(heard).toEqual(["one", "two"]);
    expect(statuses).toEqual(["connect", "online"]);
    expect(states).toEqual([["connected", "fresh"]]);
  });

  it("stays when a message shows that it lives", async () => {
    const { env } = await connectedPage();
    const [first] = env.sockets;
    await env.advance(48_000);
    first?.receive(frame("m", "c"));
    expect(env.socket.closedWith).not.toBeNull();
    expect(first?.closedWith).toBeNull();
    await env.advance(31_999);
    expect(env.sockets).toHaveLength(2);
  });

  it("is lost when no other opens in time, or the other is refused", async () => {
    for (const refused of [false, true]) {
      const { env, pull } = await connectedPage();
      await env.advance(60_000);
      const [first, probe] = env.sockets;
      if (refused) probe?.drop();
      else await env.advance(15_000);
      expect([first?.closedWith, pull.isConnected()]).toEqual([[undefined, undefined], false]);
      await env.until(() => env.sockets.length > 2);
      env.socket.accept();
      expect(pull.isConnected()).toBe(true);
    }
  });

  it("leaves nothing behind when the client stops", async () => {
    const { env, pull } = await connectedPage();
    await env.advance(60_000);
    pull.stop();
    expect(env.sockets.every((socket) => socket.closedWith)).toBe(true);
    expect(env.timerCount).toBe(0);
  });
});

it("a server that pings is watched by its pings alone", async () => {
  const { env } = await newerPage(5);
  for (let seconds = 0; seconds < 120; seconds += 10) {
    await env.advance(10_000);
    env.socket.receive("ping");
  }
  expect(env.sockets).toHaveLength(1);
});
