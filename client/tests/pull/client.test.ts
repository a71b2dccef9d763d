import { expect, it } from "vitest";
import { shim } from "../../src/bx/shim";
import { METHODS } from "../../src/pull/api";
import { createPullClient } from "../../src/pull/client";
import { createRuntime } from "../../src/pull/runtime";
import { page } from "../support/page";

it("has the methods of a client, before there is one", () => {
  const { env, win } = page();
  const bx = shim(win);
  const methods = Object.keys(createRuntime({}, bx, env, [], undefined));
  expect([...METHODS].sort()).toEqual(methods.sort());
  expect(Object.keys(createPullClient(bx, env, []).prototype).sort()).toEqual(methods);
});

it("makes its client for the first call, and one only", () => {
  const { env, win } = page();
  let made = 0;
  const PullClient = createPullClient(shim(win), env, [], (_env, sockets) => {
    made += 1;
    return sockets;
  });
  const pull = new PullClient();
  expect(made).toBe(0);
  const heard: unknown[] = [];
  pull.subscribe({ moduleId: "m", callback: (event: unknown) => heard.push(event) });
  pull.emit({ moduleId: "m", data: { command: "c", params: {}, extra: {} } });
  expect([made, heard.length]).toEqual([1, 1]);
});

it("has its methods behind a proxy, too, as frameworks make them of what pages keep", () => {
  const { pull } = page();
  const proxy = new Proxy(pull, {});
  const heard: unknown[] = [];
  proxy.subscribe({ moduleId: "m", callback: (event: unknown) => heard.push(event) });
  pull.emit({ moduleId: "m", data: { command: "c" } });
  expect([proxy.getRevision(), heard.length]).toEqual([19, 1]);
});

it("keeps what a page puts in the place of a method", () => {
  const { env, win } = page();
  const PullClient = createPullClient(shim(win), env, []);
  const prototype = (PullClient as unknown as { prototype: { getRevision(): unknown } }).prototype;
  const before = prototype.getRevision;
  prototype.getRevision = function () {
    return [before.call(this)];
  };
  expect(new PullClient().getRevision()).toEqual([19]);
});
