import { describe, expect, it } from "vitest";
import { event, FakeBrowser, heardBy, info, type Trouble } from "../support/browser";
import { config, newerConfig, nextMid } from "../support/page";

describe("a page connects by itself", () => {
  it.each<[Trouble, RegExp]>([
    ["missing", /this browser has none/],
    ["refused", /may not be accessed/],
    ["unloadable", /script is missing/],
    ["silent", /does not answer/],
  ])("where the shared worker is %s, and says so once", async (trouble, why) => {
    const browser = new FakeBrowser();
    browser.trouble = trouble;
    const { env, pull, heard } = browser.tab();
    const started = pull.start();
    await browser.advance(8000);
    env.socket.accept();
    expect(await started).toBe(true);
    env.socket.receive(event(1));
    expect(heard).toEqual([1]);
    expect(info(pull)).toMatch(why);
    env.socket.drop();
    await browser.advance(5000);
    env.socket.accept();
    expect(pull.isConnected()).toBe(true);
    expect(env.printed).toHaveLength(1);
    expect(env.printed.flat().join()).toMatch(why);
    expect(browser.worker.sockets).toEqual([]);
  });

  it.each([true, false])(
    "once the worker is gone, and loses nothing; noticed at once: %s",
    async (isNoticed) => {
      const browser = new FakeBrowser();
      const tabs = await browser.connectedTabs(2);
      const mid = nextMid();
      browser.socket.receive(event(1, mid));
      await browser.settle();
      browser.crash(isNoticed);
      await browser.advance(isNoticed ? 5000 : 20_000);
      for (const { env } of tabs) {
        expect(env.socket.query.get("mid")).toBe(mid);
        env.socket.accept();
        env.socket.receive(event(2));
      }
      expect(heardBy(browser)).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(tabs.map(({ statuses }) => statuses.at(-1))).toEqual(["online", "online"]);
    },
  );

  it("when it was not told where the worker is", async () => {
    const browser = new FakeBrowser();
    const { env, pull } = browser.tab(config(), { sharedWorker: undefined });
    pull.start();
    await browser.settle();
    env.socket.accept();
    expect([pull.isConnected(), info(pull), browser.asked]).toEqual([true, undefined, []]);
  });

  it("by long polling where the worker's sockets do not open, and shares again once one does", async () => {
    const browser = new FakeBrowser();
    const given = newerConfig(4);
    const { env, pull } = browser.tab(given);
    pull.start();
    await browser.settle();
    for (let tries = 1; !env.polls.length; tries++) {
      browser.socket.drop();
      await browser.advance(1000);
      expect(tries).toBeLessThan(5);
    }
    await browser.advance(500);
    expect(pull.isConnected()).toBe(true);
    const count = browser.worker.sockets.length;
    while (browser.worker.sockets.length === count) await browser.advance(1000);
    browser.socket.accept();
    await browser.settle();
    expect(pull.getDebugInfo()).toMatchObject({ "WebSocket connected": "Y", "Shared worker": "Y" });
    expect(env.poll.aborted).toBe(true);
  });
});
