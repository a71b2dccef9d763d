import { expect, it } from "vitest";
import { frame } from "../support/page";
import { briefly, consolePage } from "./page";

const TAIL =
  '{"time": "2026-11-30T00:26:13.987+00:00", "mid": "17959985730000000000000001", "sender": "backend", ' +
  '"targets": [{"channel": "private", "user": 1}], "module": "im", "command": "message", "params": {"n": 1}, ' +
  '"extra": {"server_name": "x"}, "expiry": 86400, "delivered": 1}';
const line = (change: object = {}) =>
  JSON.stringify({ time: "2026-11-30T00:00:00.000Z", module: "im", command: "c", params: {}, ...change });

it("writes an event a line, and reads its own file back as it was", async () => {
  const { console, env } = await consolePage();
  console.start();
  env.socket.receive(frame("im", "message", { n: 1, text: "a\nb\u2028" }));
  env.socket.receive(frame("main", "empty", []));
  const text = console.export();
  expect(text.split("\n")).toHaveLength(3);
  const before = console.events();
  console.clear();
  expect(console.load(text)).toBe(2);
  expect(console.events()).toEqual(before);
  expect(console.export()).toBe(text);
});

it("loads what `bxpull tail --json` prints, and keeps what it does not know", async () => {
  const { console } = await consolePage();
  expect(console.load(`\ufeff${TAIL}\r\n\r\n${TAIL}`)).toBe(2);
  expect(console.events()[0]).toEqual(JSON.parse(TAIL));
  expect(JSON.parse(console.export().split("\n")[1] as string)).toEqual(JSON.parse(TAIL));
});

it("knows presence, and what pages have sent, of a file that names no kind", async () => {
  const { console } = await consolePage();
  console.load([line({ module: "online" }), line({ sender: "page" }), line()].join("\n"));
  expect(console.events().map(({ kind }) => kind)).toEqual(["online", "client", undefined]);
});

it("takes the time of a test whose clock begins where time does", async () => {
  const { console } = await consolePage();
  expect(console.load(line({ time: "1970-01-01T00:00:00.000+00:00" }))).toBe(1);
});

it("takes a line without params and extra for one with empty ones", async () => {
  const { console } = await consolePage();
  console.load(
    '{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "c", "kind": null, "params": null, "extra": null}',
  );
  expect(console.events()).toMatchObject([{ params: [], extra: {} }]);
  console.load('{"time": "2026-11-30T00:00:00Z", "module": "im", "command": "c"}');
  expect(console.events()).toMatchObject([{ params: [], extra: {} }]);
  expect(console.events()[0]?.kind).toBeUndefined();
});

it.each([
  ["{", 'no JSON object; an event is {"time": …, "module": …, "command": …, "params": …}'],
  ["[]", "no JSON object"],
  ["5", "no JSON object"],
  [line({ module: 5 }), 'no "module"; give a text such as "im"'],
  [line({ command: "" }), 'no "command"; give a text such as "message"'],
  [line({ time: undefined }), '"time" is no date; give one like "2026-11-30T00:26:13.987Z"'],
  [line({ kind: "status" }), '"kind" is not one of client, online; leave it out'],
])("refuses the line %s, names it, and leaves everything as it was", async (bad, problem) => {
  const { console, env } = await consolePage();
  console.start();
  env.socket.receive(frame("im", "message", { n: 1 }));
  expect(() => console.load(`${line()}\n\n${bad}\n`)).toThrow(`line 3: ${problem}`);
  expect(briefly(console)).toEqual(["im message 1"]);
});

it("loads more events than it captures", async () => {
  const { console } = await consolePage();
  console.start({ limit: 2 });
  expect(console.load(Array(5).fill(line()).join("\n"))).toBe(5);
  expect(console.events()).toHaveLength(5);
});
