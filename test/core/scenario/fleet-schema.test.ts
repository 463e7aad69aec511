import { describe, expect, it } from "vitest";
import type { SquallError } from "../../../core/errors.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import { plainFleet } from "../../../core/scenario/plain-fleet.ts";
import type { PlatformSpec } from "../../../core/scenario/platform-spec.ts";

function platform(written: string): PlatformSpec {
  const text = `
scenario: fleet
traffic: { arrivals: [{ for: 5s, rate: 1/s }], requests: [{ model: m, input: 1, output: 1 }] }
providers: { p: { dialect: openai, models: { m: {} }, latency: some } }
platform: ${written}
`;
  return parseScenario(text, "fleet.yaml").platform;
}

function problems(written: string): readonly string[] {
  try {
    platform(written);
    return [];
  } catch (cause) {
    return (cause as SquallError).problems.map(({ path, message }) => `${path} ${message}`);
  }
}

describe("platform.replicas", () => {
  it.each([
    { written: "{}", replicas: 1 },
    { written: "{ replicas: 3 }", replicas: 3 },
  ])("is a number of copies that are there from the start: $written", ({ written, replicas }) => {
    const read = platform(written);
    expect(read.replicas).toBe(replicas);
    expect(read.fleet).toBeUndefined();
    expect(read.scaling).toBeUndefined();
  });

  it("says how copies start, what they cost and how much each takes", () => {
    const read = platform(
      "{ replicas: { start: 3, min: 2, max: 50, startup: 14s, readiness: 5s, hourly: $0.10, concurrency: 200 } }",
    );
    expect(read.replicas).toBe(3);
    expect(read.fleet).toEqual({
      ...plainFleet,
      start: 3,
      minReplicas: 2,
      maxReplicas: 50,
      startup: { kind: "constant", value: 14_000 },
      readinessMs: 5_000,
      hourly: 100_000_000,
      concurrency: 200,
    });
  });

  it.each([
    { written: "{ replicas: { hourly: 0 } }", replicas: 1, start: undefined },
    { written: "{ replicas: { min: 4 } }", replicas: 4, start: undefined },
    { written: "{ replicas: { min: 4, start: 5 } }", replicas: 5, start: 5 },
    { written: "{ replicas: { start: 0 } }", replicas: 0, start: 0 },
    { written: "{ replicas: 2, scaling: ./x.yaml }", replicas: 2, start: 2 },
  ])("starts with $replicas: $written", ({ written, replicas, start }) => {
    const read = platform(written);
    expect(read.replicas).toBe(replicas);
    expect(read.fleet?.start).toBe(start);
  });

  it.each([
    ["{ replicas: { min: 5, max: 2 } }", "platform.replicas.min is 5, above the max of 2"],
    ["{ replicas: { start: 9, max: 2 } }", "platform.replicas.start is 9; allowed is 0 to 2, its own min and max"],
    [
      "{ replicas: { hourly: 5 } }",
      "platform.replicas.hourly is 5; allowed is an amount of dollars such as $0.10, or 0",
    ],
    ["{ replicas: 0 }", "platform.replicas is 0; allowed is a whole number, from 1 to 1000"],
    [
      "{ balance: { by: random } }",
      'platform.balance.by is "random"; allowed is one of round-robin, least-connections, consistent-hash, weighted, geographic',
    ],
    [
      "{ metrics: { scrape: 0 } }",
      "platform.metrics.scrape is 0; allowed is a duration of 100 ms or more with its unit, such as 30s, 250ms or 1h30m",
    ],
  ])("is refused in words: %s", (written, problem) => {
    expect(problems(written)).toEqual([problem]);
  });
});

describe("the rest of the platform", () => {
  it("keeps the path of a scaling config as it is written, and makes a fleet of its defaults", () => {
    expect(platform("{ scaling: ./scaling/hpa.yaml }")).toMatchObject({
      scaling: "./scaling/hpa.yaml",
      fleet: plainFleet,
    });
  });

  it("says who deals requests out, and how late metrics are", () => {
    const read = platform("{ balance: { by: least-connections }, metrics: { scrape: 5s, window: 2m, lag: 10s } }");
    expect(read.fleet).toMatchObject({
      balance: "least-connections",
      metrics: { scrapeMs: 5_000, windowMs: 120_000, lagMs: 10_000 },
    });
    expect(platform("{ metrics: { lag: 1s } }").fleet?.metrics).toEqual({
      scrapeMs: 15_000,
      windowMs: 60_000,
      lagMs: 1_000,
    });
  });
});
