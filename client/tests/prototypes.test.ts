import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { clone } from "../src/bx/clone";
import { redact } from "../src/redact";
import { FakeEnv } from "./support/fake-env";
import { connectedPage, frame, newerConfig, nextMid, portal, rpcFrame, type TestPage } from "./support/page";
import { protobufFrame } from "./support/protobuf";

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "polluted"];
const names = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, fc.string());
/** JSON texts, for in literals `__proto__` would be no key. */
const texts = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, fc.constantFrom("1", "null", '"polluted"', "[]"), tie("object")),
  object: fc
    .array(fc.tuple(names, tie("value")), { maxLength: 3 })
    .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`),
})).object;
const runs = { numRuns: 300, seed: 20_261_122 };

/** What every object, function, list and text has of its own accord. */
const inherited = () =>
  [Object, Function, Array, String, Number, Promise, Map, Error].map(({ prototype }) =>
    Reflect.ownKeys(prototype).map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)?.value]),
  );
const before = inherited();
const isClean = () => expect(inherited()).toEqual(before);
afterEach(isClean);

async function formatPage(version: 3 | 4 | 5): Promise<TestPage> {
  const env = new FakeEnv();
  if (version > 3) env.respond = portal(newerConfig(version as 4 | 5));
  const made = await connectedPage({}, env);
  made.pull.capturePullEvent();
  return made;
}

it("errors are made where the page has frozen the prototype of all errors", async () => {
  const { value, ...rest } = Object.getOwnPropertyDescriptor(Error.prototype, "name") as PropertyDescriptor;
  Object.defineProperty(Error.prototype, "name", { value, ...rest, writable: false });
  try {
    const { pull, BX, env } = await formatPage(4);
    const heard: unknown[] = [];
    BX.addCustomEvent("onPullEvent-m", (command: string) => heard.push(command));
    env.socket.receive(protobufFrame("m", "c", {}, { mid: nextMid() }));
    expect(heard).toEqual(["c"]);
    const failure = { name: "PullError", code: "BAD_MESSAGE" };
    await expect(pull.sendMessage([], "m", "c")).rejects.toMatchObject(failure);
  } finally {
    Object.defineProperty(Error.prototype, "name", { value, ...rest });
  }
});

it.each([3, 4, 5] as const)(
  "modules, commands, params and extra of events change no prototype: version %i",
  async (version) => {
    const made = await formatPage(version);
    await fc.assert(
      fc.asyncProperty(names, names, texts, texts, async (module, command, params, extra) => {
        const heard: unknown[] = [];
        const listen = (_: string, __: string, got: unknown) => heard.push(got);
        made.BX.addCustomEvent("onPullEvent", listen);
        made.pull.subscribe({ moduleId: "__proto__", callback: () => {} })();
        const given = JSON.parse(params);
        const rest = { extra: JSON.parse(extra), mid: nextMid() };
        delete rest.extra.revision_web;
        made.env.socket.receive(
          version === 3
            ? frame(module, command, given, rest.extra, rest.mid)
            : version === 4
              ? protobufFrame(module, command, given, rest)
              : rpcFrame(module, command, given, { ...rest, dictionary: given, user_params: given }),
        );
        made.BX.removeCustomEvent("onPullEvent", listen);
        const isOwn = !["pull", "online", ""].includes(module.toLowerCase());
        if (isOwn) expect(JSON.stringify(heard)).toBe(JSON.stringify([given]));
        JSON.stringify(made.pull.getDebugInfo());
        isClean();
      }),
      runs,
    );
  },
);

it("no copy has another prototype than an object's, nor another value", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const value = JSON.parse(text);
      for (const copy of [clone(value), redact(value)]) {
        expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      }
      isClean();
    }),
    runs,
  );
});

it("configurations, public channels and phrases change none", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const made = await formatPage(4);
      made.BX.message(JSON.parse(text));
      const { channels, ...rest } = newerConfig(4);
      const hostile = { ...rest, ...JSON.parse(text), channels: { ...channels, ...JSON.parse(text) } };
      made.env.respond = portal({ ...hostile, server: rest.server }, { "public.list": JSON.parse(text) });
      made.pull.sendMessage(["__proto__", "constructor"], "m", "c").catch(() => {});
      await made.env.settle();
      made.pull.extendWatch("__proto__", true);
      made.pull.restart();
      await made.env.advance(6000);
      expect(Object.getPrototypeOf(made.pull.getConfig())).toBe(Object.prototype);
      made.pull.destroy();
      isClean();
    }),
    { ...runs, numRuns: 50 },
  );
});
