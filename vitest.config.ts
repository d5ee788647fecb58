import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/compile_cache.ts",
    // Real processes on a loaded machine: the limit only ends what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For a good part of its time a test of processes waits for them.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
  },
});
