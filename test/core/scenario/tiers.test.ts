import { describe, expect, it } from "vitest";
import { quotaTiers } from "../../../behavior/quota/tiers/tiers.ts";
import { SquallError } from "../../../core/errors.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { ProviderSpec } from "../../../core/scenario/provider-spec.ts";

describe("a provider entry with a tier", () => {
  it("serves the models that requests ask for, with their published limits and its own latency", () => {
    const [provider] = providers("a: { dialect: anthropic, tier: anthropic-scale, latency: instant }");
    expect(provider?.models).toEqual([
      {
        model: "claude-opus-4-6",
        requestsPerMinute: 10_000,
        inputTokensPerMinute: 10_000_000,
        outputTokensPerMinute: 2_000_000,
        tokensPerMinute: undefined,
        requestsPerDay: undefined,
        tokensPerDay: undefined,
        latencyProfile: "instant",
        latencyScale: 1,
      },
    ]);
  });

  it("serves what a route sends to it, and nothing else", () => {
    const [first, second] = providers(
      "a: { dialect: anthropic, tier: anthropic-scale, latency: instant }, b: { dialect: anthropic, tier: anthropic-build, latency: instant }",
      "platform: { gateway: direct, routes: { claude-opus-4-6: b } }",
    );
    expect(first?.models).toEqual([]);
    expect(second?.models.map(({ model }) => model)).toEqual(["claude-opus-4-6"]);
  });

  it("lets a model's own entry override single limits", () => {
    const [provider] = providers(
      "a: { dialect: anthropic, tier: anthropic-scale, latency: instant, models: { claude-opus-4-6: { rpm: 7 } } }",
    );
    expect(provider?.models[0]).toMatchObject({ requestsPerMinute: 7, inputTokensPerMinute: 10_000_000 });
  });

  it.each([
    [
      "an unknown name",
      "anthropic-scal",
      /no published tier of anthropic; known are anthropic-start/,
      /anthropic-scale/,
    ],
    [
      "another provider's tier",
      "openai-launch",
      /a tier of openai; the dialect of this provider is anthropic/,
      undefined,
    ],
  ])("refuses %s", (_what, tier, message, hint) => {
    const [problem] = problemsOf(`a: { dialect: anthropic, tier: ${tier}, latency: instant }`);
    expect(problem?.path).toBe("providers.a.tier");
    expect(problem?.message).toMatch(message);
    if (hint !== undefined) expect(problem?.hint).toMatch(hint);
  });

  it("refuses a model that nothing is published for, unless it has limits of its own", () => {
    const entry = (model: string): string =>
      `a: { dialect: anthropic, tier: anthropic-scale, latency: instant, models: { claude-opus-4-6: {}, claude-2: ${model} } }`;
    expect(problemsOf(entry("{}"))[0]?.message).toMatch(/no published limits for claude-2 on anthropic-scale/);
    expect(providers(entry("{ itpm: 5k }"))[0]?.models[1]?.inputTokensPerMinute).toBe(5_000);
  });

  it("is needed where models are left out", () => {
    expect(problemsOf("a: { dialect: anthropic, latency: instant }")[0]).toMatchObject({ path: "providers.a.models" });
  });
});

function providers(written: string, more = ""): readonly ProviderSpec[] {
  const text = `
scenario: tiers
traffic:
  arrivals: [{ rate: 1/s, for: 10s }]
  requests: [{ model: claude-opus-4-6, input: 1000, output: 100 }]
providers: { ${written} }
${more}
`;
  return parseScenario(text, "tiers.yaml", { tiers: quotaTiers }).providers;
}

function problemsOf(written: string): readonly { path: string; message: string; hint?: string }[] {
  try {
    providers(written);
  } catch (cause) {
    if (cause instanceof SquallError) return cause.problems;
    throw cause;
  }
  return [];
}
