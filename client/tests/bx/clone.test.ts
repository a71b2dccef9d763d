// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { clone } from "../../src/bx/clone";

describe("clone", () => {
  it("copies JSON data so that no part is shared", () => {
    const data = { a: [1, { b: "two" }], c: null, d: { e: true } };
    const copy = clone(data);
    expect(copy).toEqual(data);
    expect(copy).not.toBe(data);
    expect(copy.a).not.toBe(data.a);
    expect(copy.a[1]).not.toBe(data.a[1]);
    expect(copy.d).not.toBe(data.d);
  });

  it.each([[undefined], [null], [0], [""], ["text"], [false], [12n], [Symbol.iterator]])(
    "hands back %s",
    (value) => {
      expect(clone(value)).toBe(value);
    },
  );

  it("keeps an empty array an array", () => {
    expect(clone({ params: [] })).toEqual({ params: [] });
  });

  it("copies dates, and hands on maps and sets as they are", () => {
    const data = { at: new Date(5), map: new Map(), set: new Set() };
    const copy = clone(data);
    expect(copy).toEqual(data);
    expect(copy.at).not.toBe(data.at);
    expect([copy.map === data.map, copy.set === data.set]).toEqual([true, true]);
  });

  it("keeps functions, DOM nodes and class instances as they are", () => {
    class Point {
      x = 1;
    }
    const data = { fn: () => 1, node: document.createElement("p"), point: new Point(), list: [/x/] };
    const copy = clone(data);
    expect(copy.fn).toBe(data.fn);
    expect(copy.node).toBe(data.node);
    expect(copy.point).toBe(data.point);
    expect(copy.list[0]).toBe(data.list[0]);
  });

  it("keeps cycles", () => {
    const data: Record<string, unknown> = { list: [] };
    data.self = data;
    (data.list as unknown[]).push(data);
    const copy = clone(data) as { self: unknown; list: unknown[] };
    expect(copy).not.toBe(data);
    expect(copy.self).toBe(copy);
    expect(copy.list[0]).toBe(copy);
  });

  it("copies data with more shared parts than paths through it could be walked", () => {
    let data: unknown[] = [1];
    for (let i = 0; i < 60; i++) data = [data, data];
    const copy = clone(data);
    // Compared by hand: a matcher would walk all the paths.
    expect([copy === data, copy[0] === copy[1]]).toEqual([false, true]);
  });

  it("copies data as deep as JSON.parse gives it to page code in practice", () => {
    let data: unknown[] = [];
    for (let i = 0; i < 1000; i++) data = [data];
    let copy = clone(data);
    let depth = 0;
    while (copy.length) {
      copy = copy[0] as unknown[];
      depth++;
    }
    expect(depth).toBe(1000);
  });

  it("copies long lists of objects", () => {
    const data = Array.from({ length: 5000 }, (_, id) => ({ id, tags: [id] }));
    const copy = clone(data);
    expect(copy).toEqual(data);
    expect(copy[4999]?.tags).not.toBe(data[4999]?.tags);
  });

  it.each([
    ["plain JSON", (data: object) => data],
    ["data next to a date", (data: object) => ({ at: new Date(1), ...{ data } })],
  ])("keeps __proto__ and constructor data in %s", (_, wrap) => {
    const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    const copy = clone(wrap(evil)) as { data?: object };
    expect(JSON.stringify(copy.data ?? copy)).toBe(JSON.stringify(evil));
    expect(Object.getPrototypeOf(copy.data ?? copy)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("makes plain objects of those without a prototype", () => {
    const copy = clone(Object.assign(Object.create(null), { a: 1 }));
    expect([copy, Object.getPrototypeOf(copy)]).toEqual([{ a: 1 }, Object.prototype]);
  });

  it("keeps the holes of an array", () => {
    const data: unknown[] = [1];
    data[2] = 3;
    const copy = clone(data);
    expect(copy).toHaveLength(3);
    expect(1 in copy).toBe(false);
  });

  it("thaws what was frozen", () => {
    expect(Object.isFrozen(clone(Object.freeze({ a: 1 })))).toBe(false);
  });
});
