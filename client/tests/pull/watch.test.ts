import { describe, expect, it } from "vitest";
import { connectedPage, page } from "../support/page";

describe("watch tags", () => {
  it("are renewed within five seconds when forced, together, then before they run out", async () => {
    const { env, pull } = await connectedPage();
    pull.extendWatch("A", true);
    await env.advance(3000);
    pull.extendWatch("B", true);
    await env.advance(2000);
    expect(env.requests.at(-1)?.url).toBe("/rest/pull.watch.extend.json");
    expect(env.requests.at(-1)?.body).toBe("tags[0]=A&tags[1]=B");
    const sent = env.requests.length;
    await env.advance(1_740_000);
    expect(env.requests.length).toBe(sent + 1);
  });

  it("that the portal does not know are dropped, and cleared ones not renewed", async () => {
    const { env, pull } = await connectedPage();
    pull.extendWatch("KNOWN");
    pull.extendWatch("GONE");
    pull.extendWatch("CLEARED");
    pull.clearWatch("CLEARED");
    env.respond = () => ({ body: { result: { KNOWN: true, GONE: false } } });
    await env.advance(1_740_000);
    expect(env.requests.at(-1)?.body).toBe("tags[0]=KNOWN&tags[1]=GONE");
    expect(pull.getDebugInfo()["Watch tags"]).toEqual({ KNOWN: true });
  });

  it("forced before start() are renewed soon, whatever else was asked for before it", async () => {
    for (const [tag, force] of [["OTHER"], ["TAG", true]] as [string, boolean?][]) {
      const { env, pull } = page();
      pull.extendWatch("TAG", true);
      pull.extendWatch(tag, force);
      pull.start();
      await env.settle();
      env.socket.accept();
      await env.advance(5000);
      expect(env.requests.at(-1)?.url).toBe("/rest/pull.watch.extend.json");
    }
  });

  it("are renewed soon after a stop, during which their turn may have come", async () => {
    const { env, pull } = await connectedPage();
    pull.extendWatch("TAG");
    await env.advance(1_700_000);
    pull.stop();
    pull.start();
    await env.settle();
    env.socket.accept();
    await env.advance(5000);
    expect(env.requests.at(-1)?.url).toBe("/rest/pull.watch.extend.json");
  });

  it("can be forced after a stop at which there were others", async () => {
    const { env, pull } = await connectedPage();
    pull.extendWatch("GONE");
    pull.stop();
    pull.clearWatch("GONE");
    pull.start();
    await env.settle();
    env.socket.accept();
    pull.extendWatch("TAG", true);
    await env.advance(5000);
    expect(env.requests.at(-1)?.body).toBe("tags[0]=TAG");
  });

  it("wait for start(), and are renewed soon after a failure", async () => {
    const { env, pull } = page();
    pull.extendWatch("TAG", true);
    await env.advance(10_000);
    expect(env.requests).toEqual([]);
    pull.start();
    await env.settle();
    env.socket.accept();
    env.respond = () => {
      throw new TypeError("down");
    };
    await env.advance(5000);
    const failed = env.requests.length;
    await env.advance(30_000);
    expect(env.requests.length).toBe(failed + 1);
  });
});
