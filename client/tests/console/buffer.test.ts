import { expect, it } from "vitest";
import { createBuffer } from "../../src/console/buffer";
import { type Entry, entryOf } from "../../src/console/events";

const entry = (n: number, params: unknown = {}): Entry =>
  entryOf("server", { time: "2026-11-30T00:00:00.000Z", module: "m", command: `c${n}`, params });

const commands = (buffer: ReturnType<typeof createBuffer>) =>
  buffer.numbers_().map((number) => buffer.get_(number)?.command_);

it("keeps the last events of a million, under the numbers they came with", () => {
  const buffer = createBuffer(3);
  const one = entry(0);
  for (let n = 0; n < 999_998; n++) buffer.push_(one);
  buffer.push_(entry(1));
  buffer.push_(entry(2));
  expect(commands(buffer)).toEqual(["c0", "c1", "c2"]);
  expect(buffer.numbers_()).toEqual([999_997, 999_998, 999_999]);
  expect(buffer.get_(999_996)).toBeUndefined();
  expect(buffer.get_(1_000_000)).toBeUndefined();
});

it("drops old events when their text grows too long, but never the newest", () => {
  const buffer = createBuffer(100, 100);
  for (let n = 0; n < 3; n++) buffer.push_(entry(n, { text: "x".repeat(40) }));
  expect(commands(buffer)).toEqual(["c2"]);
  buffer.push_({ ...entry(3), command_: "x".repeat(400) });
  expect(buffer.size_).toBe(1);
  buffer.push_(entry(3, { text: "x".repeat(400) }));
  expect(commands(buffer)).toEqual(["c3"]);
  buffer.push_(entry(4));
  buffer.push_(entry(5));
  expect(commands(buffer)).toEqual(["c4", "c5"]);
});

it("drops what a lower limit leaves no room for", () => {
  const buffer = createBuffer(10);
  for (let n = 0; n < 5; n++) buffer.push_(entry(n));
  buffer.setLimit_(2);
  expect(commands(buffer)).toEqual(["c3", "c4"]);
});

it("takes all of a file, and gives no number again", () => {
  const buffer = createBuffer(2);
  buffer.push_(entry(0));
  buffer.replace_([entry(1), entry(2), entry(3)]);
  expect(commands(buffer)).toEqual(["c1", "c2", "c3"]);
  expect(buffer.numbers_()).toEqual([1, 2, 3]);
  buffer.push_(entry(4));
  expect(commands(buffer)).toEqual(["c2", "c3", "c4"]);
});
