import { expect, it } from "vitest";
import { createFilter, type Wanted } from "../../src/console/filter";

const EVENTS = [
  ["im", "message"],
  ["im", "messageUpdate"],
  ["im", "readMessage"],
  ["main", "message"],
] as const;

const passing = (module?: Wanted, command?: Wanted) => {
  const filter = createFilter(module, command);
  return EVENTS.filter(([inModule, itsCommand]) => filter(inModule, itsCommand)).map((event) =>
    event.join("/"),
  );
};

it.each([
  [undefined, undefined, ["im/message", "im/messageUpdate", "im/readMessage", "main/message"]],
  ["IM", undefined, ["im/message", "im/messageUpdate", "im/readMessage"]],
  ["im", /^message/, ["im/message", "im/messageUpdate"]],
  [["main", /^i/], "message", ["im/message", "main/message"]],
  ["im", "Message", []],
  [[], undefined, []],
  // An expression with a memory is asked about each name anew.
  [undefined, /message/g, ["im/message", "im/messageUpdate", "main/message"]],
] as [Wanted | undefined, Wanted | undefined, string[]][])(
  "module %s, command %s",
  (module, command, wanted) => {
    expect(passing(module, command)).toEqual(wanted);
  },
);

it("refuses what is neither text nor expression, and says what to give", () => {
  expect(() => createFilter("im", 5 as never)).toThrow(
    'option command: 5 is no text; give "im", /^im/ or a list',
  );
});
