import { describe, expect, it } from "vitest";
import { arrivalTimes } from "../../../behavior/traffic/arrivals.ts";
import { randomStream } from "../../../core/random.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import { scenarioAtLoad, traceAtLoad, usersAtLoad } from "../../../simulator/sweep/load-factor.ts";

const scenario = (traffic: string) =>
  parseScenario(
    `scenario: s\ntraffic: { ${traffic}, requests: [{ model: gpt-4o-mini, input: 10, output: 10 }] }\nproviders: { p: { dialect: openai, models: { gpt-4o-mini: { rpm: 5k } }, latency: openai-gpt-4o-mini } }\n`,
    "s.yaml",
  );

describe("a scenario at a multiple of its load", () => {
  it("sends as many times as often, over the same time", () => {
    const { load } = scenarioAtLoad(scenario("arrivals: [{ for: 10s, rate: 5/s }]"), 3).traffic;
    const sent = load.kind === "open" ? [...arrivalTimes(load.segments, randomStream(1))] : [];
    expect(sent.length).toBeGreaterThan(100);
    expect(Math.max(...sent)).toBeLessThan(10_000);
  });

  it("has as many times the users, whole ones, and at least one", () => {
    const { load } = scenarioAtLoad(scenario("users: { count: 10, turns: 2, sessions: 1 }"), 1.46).traffic;
    expect(load).toMatchObject({ kind: "closed", users: 15 });
    expect(usersAtLoad(10, 0.001)).toBe(1);
  });

  it("replays a trace that many times as fast, and shares its tokens", () => {
    const tokens = new Uint32Array([1, 2]);
    const rows = {
      count: 2,
      atMs: new Float64Array([0, 100]),
      inputTokens: tokens,
      outputTokens: tokens,
      prefixBlocks: tokens,
    };
    const twice = traceAtLoad(rows, 2);
    expect([...twice.atMs]).toEqual([0, 50]);
    expect(twice.inputTokens).toBe(tokens);
    expect([...rows.atMs]).toEqual([0, 100]);
  });

  it("is the scenario itself at 1", () => {
    const written = scenario("arrivals: [{ for: 10s, rate: 5/s }]");
    expect(scenarioAtLoad(written, 1)).toBe(written);
  });
});
