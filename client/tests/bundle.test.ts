// @vitest-environment happy-dom
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { FakeSocket } from "./support/fake-env";
import { config, frame } from "./support/page";

/** The installer as a release has it: minified, internal names (those ending in `_`) replaced. */
function bundle(): string {
  const esbuild = createRequire(import.meta.url).resolve("esbuild/bin/esbuild");
  const entry = `
    import { shim } from "./bx/shim";
    import { install } from "./install";
    import { jsonRpc } from "./protocols/jsonrpc";
    import { protobuf } from "./protocols/protobuf";
    import { text } from "./protocols/text";
    import { longPolling } from "./transport/long-polling";
    export const start = (settings, win) => install(settings, [text, protobuf, jsonRpc], longPolling, shim, win);`;
  const options = ["--bundle", "--minify", "--mangle-props=_$", "--target=es2018", "--global-name=bundle"];
  const cwd = resolve(import.meta.dirname, "../src");
  return execFileSync(esbuild, options, { cwd, input: entry, encoding: "utf8" });
}

it("works with internal names replaced: public names are there, and an event gets through", async () => {
  const code = bundle();
  expect(code).not.toMatch(/\.[a-z]\w*[a-z]_\b/i);
  const sockets: FakeSocket[] = [];
  class PageSocket extends FakeSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  const win = Object.assign(Object.create(window), {
    WebSocket: PageSocket,
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
    setTimeout: window.setTimeout.bind(window),
    clearTimeout: window.clearTimeout.bind(window),
  });
  const { start } = new Function(`${code};return bundle`)() as {
    start(settings: object, win: unknown): import("../src/install").Installed;
  };
  const { BX, PULL } = start({ userId: 1, config: config() }, win);

  const heard: unknown[] = [];
  BX.addCustomEvent("onPullEvent-test", (...args: unknown[]) => heard.push(args.slice(0, 2)));
  const pull = PULL as import("../src/pull/api").PullApi;
  pull.subscribe({ moduleId: "test", callback: (data) => heard.push(Object.keys(data as object)) });
  const started = pull.start();
  await expect.poll(() => sockets.length).toBe(1);
  sockets[0]?.accept();
  expect(await started).toBe(true);
  sockets[0]?.receive(frame("test", "check", { id: 1 }));
  expect(heard).toEqual([
    ["check", { id: 1 }],
    ["command", "params", "extra"],
  ]);
  expect(pull.getDebugInfo()).toMatchObject({ Connect: "Y", "Session history": { test: { check: 1 } } });
  pull.stop();

  // Every method of the written API is there by its name.
  const api = readFileSync(resolve(import.meta.dirname, "../src/pull/api.ts"), "utf8");
  const methods = [...api.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name as string);
  expect(methods.length).toBeGreaterThan(30);
  expect(methods.filter((name) => !(name in pull))).toEqual([]);
});
