import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fingerprint } from "../src/fingerprint";

/** Secrets and their fingerprints, of which the server's tests read the same file. */
const KNOWN: [string, string][] = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "fingerprints.json"), "utf8"),
);

it.each(KNOWN)("makes of %j the same fingerprint as the server", (secret, expected) => {
  expect(fingerprint(secret)).toBe(expected);
});

it("is the same for an id whatever is signed along with it", () => {
  const hex = (length: number) =>
    fc
      .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
      .map((all) => all.join(""));
  fc.assert(
    fc.property(hex(32), hex(32), hex(40), (id, publicId, signature) => {
      for (const signed of [`${id}.${signature}`, `${id}:${publicId}`, `${id}:${publicId}.${signature}`]) {
        expect(fingerprint(signed)).toBe(fingerprint(id));
      }
    }),
  );
});
