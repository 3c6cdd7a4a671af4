import { defineConfig } from "vitest/config";

const conditions = ["@quee/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  // Packages of the workspace are read from their sources, so a test never sees a stale build.
  ssr: { resolve: { conditions, externalConditions: ["node"] }, noExternal: [/^@quee\//] },
  test: {
    include: ["src/**/*.test.ts"],
    benchmark: { include: ["src/**/*.bench.ts"] },
    // Never a vm pool: onnxruntime-node refuses typed arrays of another realm.
    pool: "forks",
    // turbo runs two packages at a time.
    maxWorkers: 1,
    passWithNoTests: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
