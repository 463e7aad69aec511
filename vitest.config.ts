/**
 * One config, three projects, so that `--project unit` answers in seconds while `npm test` runs them all.
 *
 * `e2e` starts processes and servers and `conformance` replays published vectors and vendor SDKs: both are slower,
 * and both run one file at a time, so that a timing test never shares the machine with another.
 */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const slow = ["test/e2e/**/*.test.ts", "test/conformance/**/*.test.ts"];

const shared = { environment: "node", pool: "forks", testTimeout: 30_000, hookTimeout: 30_000 } as const;

const config: ViteUserConfig = defineConfig({
  test: {
    passWithNoTests: false,
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: slow,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: "conformance",
          include: ["test/conformance/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

export default config;
