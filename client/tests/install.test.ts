import { describe, expect, it, vi } from "vitest";
import { ownBx } from "../src/bx/own";
import { shim } from "../src/bx/shim";
import { install } from "../src/install";
import { text } from "../src/protocols/text";
import type { PullApi } from "../src/pull/api";
import { FakeEnv } from "./support/fake-env";
import { config, portal } from "./support/page";

/** A page, with what it printed. */
function pageWith(BX?: unknown): { win: Window & typeof globalThis; env: FakeEnv } {
  const env = new FakeEnv();
  return { win: Object.assign(env, { BX }) as unknown as Window & typeof globalThis, env };
}

const core = () => ({
  onCustomEvent: vi.fn(),
  message: () => "",
  bitrix_sessid: () => "",
  ready: (handler: () => void) => handler(),
});

describe("install()", () => {
  it("starts the client of the settings' guest once the document is ready, if it is to", async () => {
    const { win, env } = pageWith(core());
    env.respond = portal(config());
    const { PULL } = install({ guestUserId: -3, autostart: true }, [text], undefined, ownBx, win);
    await env.settle();
    env.socket.accept();
    expect((PULL as PullApi).getDebugInfo()).toMatchObject({ Connect: "Y", "Guest userId": -3 });
    (PULL as PullApi).stop();
  });

  it("gives the client the surroundings that a test has put on the window", async () => {
    const { win } = pageWith(core());
    const env = new FakeEnv();
    env.respond = portal(config());
    const { PULL } = install({}, [text], undefined, ownBx, Object.assign(win, { bxPullEnv: env }));
    (PULL as PullApi).start();
    await env.settle();
    env.socket.accept();
    expect((PULL as PullApi).isConnected()).toBe(true);
    (PULL as PullApi).stop();
  });

  it("brings BX along with the shim", () => {
    const { win, env } = pageWith();
    const { BX, PullClient, PULL } = install({}, [text], undefined, shim, win);
    expect(BX).toMatchObject({ addCustomEvent: expect.any(Function), PullClient, PULL });
    expect(env.printed).toEqual([]);
  });

  it("puts the client on a BX that has what it needs, without the shim", () => {
    const own = core();
    const { win, env } = pageWith({ ...own });
    const { BX, PullClient, PULL } = install({}, [text], undefined, ownBx, win);
    expect(BX).toEqual({ ...own, PullClient, PULL });
    expect(env.printed).toEqual([]);
  });

  it.each(Object.keys(core()))("installs nothing without the shim and BX.%s, and says so once", (name) => {
    const own = { ...core(), [name]: undefined };
    const { win, env } = pageWith(own);
    expect(install({ autostart: true }, [text], undefined, ownBx, win)).toEqual({});
    expect(own).toEqual({ ...own, PullClient: undefined, PULL: undefined });
    expect(env.printed).toEqual([
      ["error", `no BX.${name} yet: load it first, or build with the option shim`],
    ]);
  });

  it("installs nothing without the shim and BX, or with an element of that name", () => {
    for (const BX of [undefined, null, { nodeType: 1 }]) {
      const { win, env } = pageWith(BX);
      expect(install({}, [text], undefined, ownBx, win)).toEqual({});
      expect(env.printed).toHaveLength(1);
    }
  });

  it.each([shim, ownBx])("keeps a client that the page has", (findBx) => {
    const client = { PullClient: {}, PULL: {} };
    const BX = { ...core(), addCustomEvent: vi.fn(), ...client };
    const { win, env } = pageWith(BX);
    expect(install({}, [text], undefined, findBx, win)).toEqual({ BX, ...client });
    expect(env.printed).toEqual([["log", "BX.PullClient is kept"]]);
  });
});
