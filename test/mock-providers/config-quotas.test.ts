import { describe, expect, it } from "vitest";
import { parseMockConfig } from "../../mock-providers/config.ts";
import { configInWords } from "../../mock-providers/config-words.ts";

const written = `
providers:
  openai: { dialect: openai, tier: openai-tier-1, latency: instant, acceleration: { growth: 25%, from: 2M } }
  azure: { dialect: azure-openai, tier: azure-data-zone-tier-1, latency: instant, models: { gpt-4o: {} }, billing: batch }
  anthropic:
    dialect: anthropic
    latency: instant
    prompt-cache: by-rules
    models:
      claude-opus-4-6:
        itpm: 30k
        long-context: { itpm: 1M }
        price: { input: $4/M, output: $20/M, cached: $0.40/M, cache-write: $5/M, cache-write-1h: $8/M, reasoning: $30/M, batch: { input: $2/M } }
  gpus: { dialect: openai, latency: instant, models: { in-house: {} }, nodes: { count: 2, hourly: $1.2345 } }
  ptus: { dialect: azure-openai, latency: instant, models: { gpt-4.1: { ptu: 50, unit-price: $0.80 } } }
keys:
  openai:
    - key: sk-a
      project: web
      organization-limits: [{ dimension: requests, amount: 100 }]
      project-limits: [{ dimension: tokens, amount: 1000 }]
      project-total-limits: [{ dimension: tokens, amount: 2000, per: 1d }]
      key-limits: [{ dimension: requests, amount: 9, per: 5s }]
`;

describe("a configuration with tiers, scopes and prices", () => {
  const config = parseMockConfig(written, "mock.yaml");
  const modelsOf = (name: string) => config.providers.find((provider) => provider.name === name)?.models ?? [];

  it("serves the models that a tier publishes, with its limits", () => {
    const models = modelsOf("openai");
    expect(models.map(({ model }) => model)).toContain("gpt-4o-mini");
    expect(models.find(({ model }) => model === "gpt-4o-mini")).toMatchObject({
      requestsPerMinute: 500,
      tokensPerMinute: 200_000,
      requestsPerDay: 10_000,
    });
    expect(modelsOf("azure")).toMatchObject([{ requestsPer10Seconds: 300, tokensPerMinute: 300_000 }]);
  });

  it("says whose limits they are, and words those per day as such", () => {
    const [key] = config.providers[0]?.keys ?? [];
    expect(key?.projectTotalLimits).toEqual([
      { dimension: "tokens", amount: 2_000, perMs: 86_400_000, label: "tokens per day (TPD)" },
    ]);
    expect(key?.organizationLimits?.[0]?.amount).toBe(100);
    expect(key?.keyLimits?.[0]?.perMs).toBe(5_000);
  });

  it("reads what it writes: in its own words it is the same again", () => {
    const again = parseMockConfig(JSON.stringify(configInWords(config)), "again.json");
    expect(again.providers.map((provider) => ({ ...provider, tier: undefined }))).toEqual(
      config.providers.map((provider) => ({ ...provider, tier: undefined })),
    );
  });

  it("refuses a tier that does not exist", () => {
    expect(() =>
      parseMockConfig("providers: { a: { dialect: openai, tier: openai-lunch, latency: instant } }", "x"),
    ).toThrow(/1 problem/);
  });
});
