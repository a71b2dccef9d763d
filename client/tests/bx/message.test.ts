import { describe, expect, it } from "vitest";
import { createMessage } from "../../src/bx/message";

describe("BX.message", () => {
  it("sets phrases that are read by key or as properties", () => {
    const message = createMessage(undefined);
    message({ USER_ID: 5, SITE_ID: "s1" });
    message({ SITE_ID: "s2" });
    expect(message("USER_ID")).toBe(5);
    expect(message.USER_ID).toBe(5);
    expect(message.SITE_ID).toBe("s2");
    message.SITE_ID = "s3";
    expect(message("SITE_ID")).toBe("s3");
  });

  it("answers an unknown key with an empty string, whatever functions have by that name", () => {
    const message = createMessage(undefined);
    expect(["nothing", "name", "length", "toString", "call"].map((key) => message(key))).toEqual(
      Array(5).fill(""),
    );
  });

  it("takes keys that functions or objects have already", () => {
    const message = createMessage(undefined);
    message(JSON.parse('{"name": "n", "length": 7, "__proto__": "p"}'));
    expect([message("name"), message.length, message("__proto__")]).toEqual(["n", 7, "p"]);
    expect(Object.getPrototypeOf(message)).toBe(Function.prototype);
  });

  it("starts with the phrases the page had", () => {
    const message = createMessage({ USER_ID: 1 });
    expect(message.USER_ID).toBe(1);
    expect(message("USER_ID")).toBe(1);
  });
});
