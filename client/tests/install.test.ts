import { describe, expect, it, vi } from "vitest";
import { shim } from "../src/bx/shim";
import { install } from "../src/install";
import { text } from "../src/protocols/text";
import { FakeEnv } from "./support/fake-env";

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
  it("brings BX along with the shim", () => {
    const { win, env } = pageWith();
    const { BX, PullClient, PULL } = install({}, [text], undefined, shim, win);
    expect(BX).toMatchObject({ addCustomEvent: expect.any(Function), PullClient, PULL });
    expect(env.printed).toEqual([]);
  });

  it("puts the client on a BX that has what it needs, without the shim", () => {
    const own = core();
    const { win, env } = pageWith({ ...own });
    const { BX, PullClient, PULL } = install({}, [text], undefined, undefined, win);
    expect(BX).toEqual({ ...own, PullClient, PULL });
    expect(env.printed).toEqual([]);
  });

  it.each(Object.keys(core()))("installs nothing without the shim and BX.%s, and says so once", (name) => {
    const own = { ...core(), [name]: undefined };
    const { win, env } = pageWith(own);
    const { PullClient, PULL } = install({ autostart: true }, [text], undefined, undefined, win);
    expect([PullClient, PULL, "PULL" in own]).toEqual([undefined, undefined, false]);
    expect(env.printed).toEqual([
      ["error", `no BX.${name} yet: load it first, or build with the option shim`],
    ]);
  });

  it("installs nothing without the shim and BX, or with an element of that name", () => {
    for (const BX of [undefined, null, { nodeType: 1 }]) {
      const { win, env } = pageWith(BX);
      expect(install({}, [text], undefined, undefined, win)).toMatchObject({ PullClient: undefined });
      expect(env.printed).toHaveLength(1);
    }
  });

  it("keeps a client that the page has, whatever else its BX lacks", () => {
    const own = { PullClient: {}, PULL: {} };
    const { win, env } = pageWith(own);
    expect(install({}, [text], undefined, undefined, win)).toEqual({ BX: own, ...own });
    expect(env.printed).toEqual([["log", "BX.PullClient is kept"]]);
  });
});
