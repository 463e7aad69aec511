/** Whoever reports thought tokens apart charges them apart, where a model has a price for them. */
import { describe, expect, it } from "vitest";
import { priceTier } from "../../core/scenario/price-spec.ts";
import { defaultMockConfig } from "../../mock-providers/config.ts";
import { mockUnderTest } from "./mock-under-test.ts";
import { headersFor } from "./valid-calls.ts";

const thoughtful = "[sq l k1 in=40 cached=0 out=3000] Think";
const messages = [{ role: "user", content: thoughtful }];
const thinking = { type: "enabled", budget_tokens: 1_024 };
const contents = [{ role: "user", parts: [{ text: thoughtful }] }];
const generationConfig = { thinkingConfig: { thinkingBudget: 1_024 } };
const claudeOnBedrock = "us.anthropic.claude-haiku-4-5-20251001-v1%3A0";

/** Where each says how much was thought: the fields on the way to the number. */
const calls = [
  {
    provider: "openai",
    path: "/v1/chat/completions",
    body: { model: "o4-mini", messages, reasoning_effort: "high" },
    thought: ["usage", "completion_tokens_details", "reasoning_tokens"],
  },
  {
    provider: "openai",
    path: "/v1/responses",
    body: { model: "o4-mini", input: thoughtful, reasoning: { effort: "high" } },
    thought: ["usage", "output_tokens_details", "reasoning_tokens"],
  },
  {
    provider: "azure-openai",
    path: "/openai/v1/chat/completions",
    body: { model: "o4-mini", messages, reasoning_effort: "high" },
    thought: ["usage", "completion_tokens_details", "reasoning_tokens"],
  },
  {
    provider: "anthropic",
    path: "/v1/messages",
    body: { model: "claude-haiku-4-5", max_tokens: 4_000, messages, thinking },
    thought: ["usage", "output_tokens_details", "thinking_tokens"],
  },
  {
    provider: "bedrock",
    path: `/model/${claudeOnBedrock}/converse`,
    body: {
      messages: [{ role: "user", content: [{ text: thoughtful }] }],
      additionalModelRequestFields: { thinking },
    },
    thought: undefined,
  },
  {
    provider: "bedrock",
    path: `/model/${claudeOnBedrock}/invoke`,
    body: { anthropic_version: "bedrock-2023-05-31", max_tokens: 4_000, messages, thinking },
    thought: ["usage", "output_tokens_details", "thinking_tokens"],
  },
  {
    provider: "gemini",
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    body: { contents, generationConfig },
    thought: ["usageMetadata", "thoughtsTokenCount"],
  },
  {
    provider: "vertex",
    path: "/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent",
    body: { contents, generationConfig },
    thought: ["usageMetadata", "thoughtsTokenCount"],
  },
  {
    provider: "vertex",
    path: "/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5:rawPredict",
    body: { anthropic_version: "vertex-2023-10-16", max_tokens: 4_000, messages, thinking },
    thought: ["usage", "output_tokens_details", "thinking_tokens"],
  },
] as const;

/** A nano-dollar per token said, and ten per token thought. */
const price = { source: "test", tiers: [priceTier({ input: 0, output: 1_000, reasoning: 10_000 })] };

describe("thought tokens", () => {
  it.each(calls)("cost their own price at $provider $path", async ({ provider, path, body, thought }) => {
    const config = defaultMockConfig();
    const providers = config.providers.map((one) => ({
      ...one,
      models: one.models.map((model) => ({ ...model, price })),
    }));
    const { url, journal } = await mockUnderTest({ ...config, latencyScale: 0, providers });
    const request = { method: "POST", headers: headersFor(provider), body: JSON.stringify(body) };
    const answer = await fetch(`${url}/${provider}${path}`, request);
    const whole: unknown = await answer.json();
    const [entry] = await journal();
    const output = entry?.outputTokens ?? 0;
    // Converse counts them with the others and does not tell.
    const thoughts = thought === undefined ? 1_024 : at(whole, thought);
    expect(thoughts).toBeGreaterThan(0);
    expect(thoughts).toBeLessThan(output);
    expect([answer.status, entry?.cost]).toEqual([200, output - thoughts + 10 * thoughts]);
  });
});

function at(value: unknown, fields: readonly string[]): number {
  const found = fields.reduce<unknown>(
    (node, field) => (typeof node === "object" && node !== null ? Reflect.get(node, field) : undefined),
    value,
  );
  return typeof found === "number" ? found : Number.NaN;
}
