import { expect, it } from "vitest";
import { createBuffer } from "../../../src/console/buffer";
import { entryOf } from "../../../src/console/events";
import { connectionOf } from "../../../src/console/panel/connection";
import { createView } from "../../../src/console/panel/view";

const entry = (command: string, params: unknown = {}) =>
  entryOf("server", { time: "2026-11-30T00:00:00.000Z", module: "im", command, params });

function filled(limit = 100) {
  const buffer = createBuffer(limit);
  buffer.push_(entry("message", { text: "Hello World" }));
  buffer.push_(entry("typing", { id: 42 }));
  buffer.push_(entry("message", { id: 42 }));
  return { buffer, view: createView(buffer) };
}

it.each([
  ["", [0, 1, 2]],
  ["im/MESSAGE", [0, 2]],
  [" 42  message ", [2]],
  ["hello", [0]],
  // Names of an event's own fields are no content.
  ["time", []],
])("the filter '%s' leaves what has all its words", (text, wanted) => {
  const { view } = filled();
  view.setFilter_(text);
  view.update_();
  expect(view.shown_).toEqual(wanted);
});

it("looks at all again with another filter", () => {
  const { view } = filled();
  view.setFilter_("typing");
  view.update_();
  view.setFilter_("hello");
  view.update_();
  expect(view.shown_).toEqual([0]);
});

it("follows what comes and goes", () => {
  const { buffer, view } = filled(3);
  view.setFilter_("message");
  expect(view.update_()).toBe(0);
  buffer.push_(entry("message"));
  buffer.push_(entry("other"));
  expect(view.update_()).toBe(1);
  expect(view.shown_).toEqual([2, 3]);
  buffer.replace_([entry("message")]);
  expect(view.update_()).toBe(2);
  expect(view.shown_).toEqual([5]);
});

it.each([
  [undefined, "no BX.PULL"],
  [
    { Connect: "Y", "WebSocket connected": "Y", "WebSocket mode": "protobuf", UserId: "5" },
    "WebSocket, protobuf, user 5",
  ],
  [{ Connect: "Y", "WebSocket connected": "N", UserId: "-1(guest)" }, "long polling, user -1(guest)"],
  [{ Connect: "N", "Try connect": "Y", "Try number": 3, UserId: "0" }, "connecting, try 3"],
  [{ Connect: "N", "Try connect": "N", UserId: "5" }, "not connected, user 5"],
])("says of %j: %s", (info, wanted) => {
  expect(connectionOf(info).text_).toBe(wanted);
});
