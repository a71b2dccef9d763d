import { describe, expect, it } from "vitest";
import { delegate, proxy, sourceOf } from "../../src/bx/bind";

function whoAmI(this: unknown, ...args: unknown[]): unknown[] {
  return [this, ...args];
}

describe("delegate", () => {
  it("binds to the context and passes the args on", () => {
    const context = {};
    expect(delegate(whoAmI, context)(1, 2)).toEqual([context, 1, 2]);
  });

  it("hands back what is no function", () => {
    expect(delegate(undefined as never, {})).toBeUndefined();
  });
});

describe("proxy", () => {
  it("gives the same function for the same pair only", () => {
    const [one, two] = [{}, {}];
    const other = () => 0;
    expect(proxy(whoAmI, one)).toBe(proxy(whoAmI, one));
    expect(proxy(whoAmI, one)).not.toBe(proxy(whoAmI, two));
    expect(proxy(whoAmI, one)).not.toBe(proxy(other, one));
    expect(proxy(whoAmI, one)(3)).toEqual([one, 3]);
  });

  it("hands back the handler when there is nothing to bind to", () => {
    expect(proxy(whoAmI, null)).toBe(whoAmI);
    expect(proxy(null as never, {})).toBeNull();
  });
});

describe("sourceOf", () => {
  it("looks through any number of wrappers", () => {
    expect(sourceOf(proxy(delegate(whoAmI, {}), {}))).toBe(whoAmI);
    expect(sourceOf(whoAmI)).toBe(whoAmI);
  });
});
