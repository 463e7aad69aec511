import { describe, expect, it } from "vitest";
import { knobsOf, turned } from "../../../web/board/knobs.ts";

const scenario = `scenario: spike # of the launch
traffic:
  arrivals:
    - { for: 2m, rate: 100/s } # a morning
    - { for: 3m, ramp: 100/s .. 1.5k/s }
providers:
  openai: { dialect: openai, models: { gpt-4.1: { rpm: 500, tpm: 2M } } }
  claude: { dialect: anthropic, models: { opus: { itpm: 30k } } }
platform:
  replicas: { start: 3, max: 50, startup: { median: 14s } }
`;

const hpa = `spec:
  minReplicas: 3
  maxReplicas: 50
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } }
    - type: External
      external: { metric: { name: tokens_per_minute }, target: { averageValue: 3000k } }
`;

const knobs = knobsOf(scenario, hpa);

function labels(): readonly string[] {
  return knobs.map(({ label }) => label);
}

function turn(of: "scenario" | "scaling", ...values: readonly (readonly [id: string, value: number])[]): string {
  return turned(of === "scenario" ? scenario : hpa, of, knobs, new Map(values));
}

describe("knobs", () => {
  it("are the few numbers that matter, in the words of a planner", () => {
    expect(labels()).toEqual([
      "Traffic",
      "Provider limits",
      "Replicas at first",
      "Replicas, most",
      "Scaler, least",
      "Scaler, most",
      "Scaler's target, %, cpu",
      "Scaler's target, tokens per minute",
    ]);
  });

  it("change every rate by the same factor, and nothing else", () => {
    const text = turn("scenario", ["traffic", 2]);
    expect(text).toContain("rate: 200/s");
    expect(text).toContain("ramp: 200/s .. 3000/s");
    expect(text).toContain("# a morning");
    expect(text).toContain("rpm: 500");
  });

  it("change every limit by the same factor, of models with dots in their names too", () => {
    const text = turn("scenario", ["quota", 0.5]);
    expect(text).toContain("gpt-4.1: { rpm: 250, tpm: 1000000 }");
    expect(text).toContain("itpm: 15000");
  });

  it("never set a limit of nothing", () => {
    const tight = "providers: { a: { models: { m: { rpm: 1 } } } }\n";
    expect(turned(tight, "scenario", knobsOf(tight, undefined), new Map([["quota", 0.25]]))).toContain("rpm: 1 ");
  });

  it("change a scaling config by its own fields", () => {
    const text = turn(
      "scaling",
      ["scaling spec.maxReplicas", 20],
      ["scaling spec.metrics.0.resource.target.averageUtilization", 50],
    );
    expect(text).toContain("maxReplicas: 20");
    expect(text).toContain("averageUtilization: 50");
    expect(text).toContain("minReplicas: 3");
  });

  it("leave a text as it is, to the byte, when nothing was turned or it was turned back", () => {
    expect(turn("scenario")).toBe(scenario);
    expect(turn("scenario", ["traffic", 1], ["scenario platform.replicas.max", 50])).toBe(scenario);
  });

  it.each([
    { why: "people of a closed load", text: "traffic: { users: { count: 10 } }", path: "users: { count: 20 }" },
    { why: "people written as a number", text: "traffic: { users: 10 }", path: "users: 20" },
  ])("turn $why", ({ text, path }) => {
    const found = knobsOf(text, undefined);
    const [people] = found;
    expect(people?.label).toBe("People at once");
    expect(turned(text, "scenario", found, new Map([[people?.id ?? "", 20]]))).toContain(path);
  });

  it("are none in a text that cannot be read", () => {
    expect(knobsOf("traffic: [", "spec: {")).toEqual([]);
  });
});
