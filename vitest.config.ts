import { defineConfig } from "vitest/config";

/** Real processes share the machine, and its ports, with others. A defect fails both times; Vitest tells what was retried. */
const retry = 1;

export default defineConfig({
  test: {
    // What is polled comes soon; only a machine that stands still for a second makes it late.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/consumers/**", "test/bench/**"],
          // Loads of some seconds, and machines that are busy with other things.
          testTimeout: 30_000,
        },
      },
      {
        // One Envoy and two cores: these run one after the other.
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          fileParallelism: false,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "consumers",
          include: ["test/consumers/**/*.test.ts"],
          fileParallelism: false,
          retry,
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
