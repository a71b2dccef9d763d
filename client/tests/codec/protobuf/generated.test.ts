import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../../..");

it("is what `make proto` makes of the schema", () => {
  const folder = mkdtempSync(join(tmpdir(), "proto-"));
  try {
    execFileSync(process.execPath, [join(ROOT, "tools/proto.mjs"), folder]);
    for (const name of ["messages.ts", "pbf.ts"]) {
      const kept = readFileSync(join(ROOT, "client/src/codec/protobuf", name), "utf8");
      expect(readFileSync(join(folder, name), "utf8")).toBe(kept);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
