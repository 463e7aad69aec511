import { describe, expect, it } from "vitest";
import { SquallError } from "../../../core/errors.ts";
import { parseMockConfig } from "../../../mock-providers/config.ts";
import { configInWords } from "../../../mock-providers/config-words.ts";

/** What is wrong with a provider, as paths and messages. */
function problemsOf(provider: string): readonly string[] {
  try {
    parseMockConfig(`providers: { v: ${provider} }`, "mock.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
}

describe("Vertex AI in a configuration", () => {
  it("is written with its shortages, its time of day and its scale units, and written back the same", () => {
    const text = `
      providers:
        v:
          dialect: vertex
          latency: google-gemini-2.5-flash
          shared-pool: { short-every: 10m, short-for: 45s }
          time-of-day: 14h30m
          models: { gemini-2.5-flash: { gsu: 3 }, gemini-2.5-pro: { tpm: 500k } }`;
    const config = parseMockConfig(text, "mock.yaml");
    const [provider] = config.providers;
    expect(provider).toMatchObject({
      sharedPool: { shortEveryMs: 600_000, shortForMs: 45_000 },
      startTimeOfDayMs: 52_200_000,
      models: [
        { model: "gemini-2.5-flash", provisionedUnits: 3 },
        { model: "gemini-2.5-pro", tokensPerMinute: 500_000 },
      ],
    });
    expect(provider?.models[1]).not.toHaveProperty("provisionedUnits");
    expect(parseMockConfig(JSON.stringify(configInWords(config)), "words")).toEqual(config);
  });

  it("needs shortages that end before the next begins", () => {
    const provider =
      "{ dialect: vertex, latency: instant, models: { m: {} }, shared-pool: { short-every: 1m, short-for: 1m } }";
    expect(problemsOf(provider)).toEqual([
      "providers.v.shared-pool has shortages that last longer than the time from one to the next",
    ]);
  });

  it("needs a dialect that sells scale units, and a model whose throughput per unit is published", () => {
    expect(problemsOf("{ dialect: gemini, latency: instant, models: { gemini-2.5-flash: { gsu: 2 } } }")).toEqual([
      "providers.v.models.gemini-2.5-flash.gsu is 2, but only vertex sells such units; the dialect of this provider is gemini",
    ]);
    const [problem] = problemsOf("{ dialect: vertex, latency: instant, models: { gemini-2.5-flahs: { gsu: 2 } } }");
    expect(problem).toMatch(
      /^providers\.v\.models\.gemini-2\.5-flahs\.gsu has no published throughput per GSU; allowed are gemini-/,
    );
  });
});
