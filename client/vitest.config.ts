import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    restoreMocks: true,
    // Against hanging, not for speed: a busy machine takes its time.
    testTimeout: 30_000,
  },
});
