// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { createType } from "../../src/bx/type";

const nothing = [undefined, null];
const cases: Record<string, [yes: unknown[], no: unknown[]]> = {
  isString: [
    ["", "a"],
    [1, ...nothing],
  ],
  isNotEmptyString: [["a"], ["", 1, ["a"], ...nothing]],
  isNumber: [
    [0, 1.5, Number.POSITIVE_INFINITY],
    [Number.NaN, "1", ...nothing],
  ],
  isBoolean: [
    [true, false],
    [0, ...nothing],
  ],
  isFunction: [
    [() => 0, class {}],
    [{}, ...nothing],
  ],
  isUndefined: [[undefined], [null, 0]],
  isNull: [[null], [undefined, 0]],
  isNil: [nothing, [0, "", false]],
  isArray: [
    [[], [1]],
    [{ length: 0 }, ...nothing],
  ],
  isObject: [
    [{}, [], () => 0],
    ["a", ...nothing],
  ],
  isObjectLike: [
    [{}, []],
    [() => 0, ...nothing],
  ],
  isPlainObject: [
    [{}, Object.create(null)],
    [[], new Date(), new (class {})(), () => 0, ...nothing],
  ],
  isDate: [[new Date()], [0, {}, ...nothing]],
  isDomNode: [
    [document, document.createElement("p"), document.createTextNode("t")],
    [{}, ...nothing],
  ],
  isElementNode: [[document.createElement("p")], [document, document.createTextNode("t"), ...nothing]],
};

describe("BX.type", () => {
  const type = createType() as unknown as Record<string, (value: unknown) => boolean>;

  it.each(Object.entries(cases))("%s tells its kind from the rest", (name, [yes, no]) => {
    for (const value of yes) expect(type[name]?.(value)).toBe(true);
    for (const value of no) expect(type[name]?.(value)).toBe(false);
  });

  it("has no predicate that these tests leave out", () => {
    expect(Object.keys(type).sort()).toEqual(Object.keys(cases).sort());
  });
});
