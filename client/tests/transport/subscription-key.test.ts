import { describe, expect, it } from "vitest";
import { subscriptionKey } from "../../src/transport/subscription-key";

const token = (claims: unknown, signature = "s") =>
  `head.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
const key = (query: string, binary = false, base = "wss://push.example/subws/") =>
  subscriptionKey(`${base}?${query}`, binary);

describe("a subscription's key", () => {
  it("is the same for tokens that were issued at different times for the same", () => {
    const keys = [1, 2].map((iat) =>
      key(`token=${token({ iss: "host", sub: "7", chan: "ю/?>", iat, exp: iat + 9 }, `s${iat}`)}`),
    );
    expect(keys[0]).toBe(keys[1]);
  });

  it.each([
    ["users", `token=${token({ sub: "7" })}`, `token=${token({ sub: "8" })}`],
    ["channels", `token=${token({ chan: "a" })}`, `token=${token({ chan: "b" })}`],
    ["portals", `token=${token({ iss: "a", sub: "7" })}`, `token=${token({ iss: "b", sub: "7" })}`],
    ["tokens that do not say whose they are", `token=${token({ a: 1 })}`, `token=${token({ a: 2 })}`],
    ["tokens that cannot be read", "token=a.b.c", "token=a.b.d"],
    ["signatures", "CHANNEL_ID=a.1", "CHANNEL_ID=a.2"],
    ["a token and channels", `token=${token({ chan: "a" })}`, "CHANNEL_ID=a"],
    ["cloud clients", "CHANNEL_ID=a&clientId=1", "CHANNEL_ID=a&clientId=2"],
    ["formats", "CHANNEL_ID=a&jsonRpc=true", "CHANNEL_ID=a"],
  ])("tells apart %s", (_, one, other) => {
    expect(key(one)).not.toBe(key(other));
  });

  it("tells apart servers, and bytes from text", () => {
    expect(new Set([key("a=1"), key("a=1", true), key("a=1", false, "wss://other.example/")]).size).toBe(3);
  });
});
