import { RateLimitError } from "openai";
import { describe, expect, it } from "vitest";
import { azureUnderTest, deployment, tightApiKey } from "./client.ts";

const ask = (
  key: string,
  tokens = 4,
): { readonly model: string; readonly messages: [{ role: "user"; content: string }] } => ({
  model: "gpt-4o",
  messages: [{ role: "user", content: `[sq l ${key} in=${tokens} cached=0 out=5] hello` }],
});

/** The headers of a refusal, by name. */
async function refusedHeaders(call: Promise<unknown>): Promise<Headers> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RateLimitError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error.headers;
}

describe("a standard deployment", () => {
  it("counts down in headers, and refuses the fourth call of the tight key with a wait in whole seconds", async () => {
    const { clientWith } = await azureUnderTest();
    const { completions } = clientWith({ apiKey: tightApiKey }).chat;
    for (const remaining of ["2", "1", "0"]) {
      const { response } = await completions.create(ask("t")).withResponse();
      expect(response.headers.get("x-ratelimit-limit-requests")).toBe("3");
      expect(response.headers.get("x-ratelimit-remaining-requests")).toBe(remaining);
      expect(response.headers.has("x-ratelimit-reset-requests")).toBe(false);
    }
    const headers = await refusedHeaders(completions.create(ask("t")));
    expect(headers.get("retry-after")).toMatch(/^[1-5]$/);
    expect(headers.has("retry-after-ms")).toBe(false);
    expect(headers.get("x-ratelimit-reset-requests")).toMatch(/^[1-5]$/);
    expect(headers.get("x-ratelimit-remaining-requests")).toBe("0");
  });

  it("words refusals of calls and of tokens apart, with the operation and the API version", async () => {
    const { client } = await azureUnderTest(
      {},
      { models: [deployment({ tokensPerMinute: 1_000, requestsPerMinute: 60 })] },
    );
    await client.chat.completions.create({ ...ask("w"), max_tokens: 500 });
    await expect(client.chat.completions.create({ ...ask("w"), max_tokens: 10 })).rejects.toThrow(
      /^429 Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded call rate limit of your current OpenAI S0 pricing tier\. Please retry after 1 second\. /,
    );
    const tokens = await azureUnderTest(
      {},
      { models: [deployment({ tokensPerMinute: 1_000, requestsPerMinute: 60_000 })] },
    );
    await tokens.v1.chat.completions.create({ ...ask("w"), max_tokens: 900 });
    await expect(tokens.v1.chat.completions.create({ ...ask("w"), max_tokens: 900 })).rejects.toThrow(
      /API version v1 have exceeded token rate limit .* Please retry after \d\d seconds\. /,
    );
  });

  it("tells a call that can never pass to come back after a day", async () => {
    const { client } = await azureUnderTest({}, { models: [deployment({ tokensPerMinute: 1_000 })] });
    const headers = await refusedHeaders(client.chat.completions.create({ ...ask("big"), max_tokens: 5_000 }));
    expect(headers.get("retry-after")).toBe("86400");
  });

  it("is tried again by the SDK after the wait it was told, and then answers", async () => {
    // Ten times as fast: the five seconds of the tight key are half a second, told as one.
    const { clientWith, journal } = await azureUnderTest({ timeScale: 10 });
    const client = clientWith({ apiKey: tightApiKey, maxRetries: 1 });
    for (const key of ["r1", "r2", "r3"]) await client.chat.completions.create(ask(key));
    await client.chat.completions.create(ask("r4"));
    expect((await journal()).map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok", "rate-limited", "ok"]);
  });
});

describe("a provisioned deployment", () => {
  /** One PTU of gpt-4o: 2,500 input tokens a minute, an output token counting as four. */
  const models = [deployment({ provisionedUnits: 1 })];

  it("tells its utilization, and no rate limits", async () => {
    const { client } = await azureUnderTest({}, { models });
    const { response } = await client.chat.completions.create({ ...ask("u", 1_000), max_tokens: 5 }).withResponse();
    expect(response.headers.get("azure-openai-deployment-utilization")).toBe("40.8%");
    expect([...response.headers.keys()].filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
  });

  it("refuses above 100 % with a wait in milliseconds", async () => {
    const { client } = await azureUnderTest({}, { models });
    await client.chat.completions.create({ ...ask("full", 2_600), max_tokens: 5 });
    const headers = await refusedHeaders(client.chat.completions.create(ask("next")));
    // 120 tokens too many drain in 2.88 s; what went by meanwhile is off.
    expect(Number(headers.get("retry-after-ms"))).toBeGreaterThan(1_000);
    expect(Number(headers.get("retry-after-ms"))).toBeLessThanOrEqual(2_880);
    expect(headers.get("retry-after")).toMatch(/^[23]$/);
    expect(headers.get("azure-openai-deployment-utilization")).toMatch(/^10\d\.\d%$/);
  });

  it("is tried again by the SDK when it was told, and then answers", async () => {
    const { clientWith, journal } = await azureUnderTest({ timeScale: 10 }, { models });
    const client = clientWith({ maxRetries: 1 });
    await client.chat.completions.create({ ...ask("full", 2_500), max_tokens: 5 });
    // 20 tokens too many drain in 480 ms, which are 48 of the client's.
    await client.chat.completions.create(ask("again"));
    expect((await journal()).map(({ outcome }) => outcome)).toEqual(["ok", "rate-limited", "ok"]);
  });

  it("gives back at the end what an answer did not use", async () => {
    const { client } = await azureUnderTest({}, { models });
    await client.chat.completions.create({ ...ask("short", 100), max_tokens: 500 });
    const { response } = await client.chat.completions.create({ ...ask("after", 100), max_tokens: 5 }).withResponse();
    // 105 x 4 tokens of each, not the 10500 x 4 that the first one reserved.
    expect(Number.parseFloat(response.headers.get("azure-openai-deployment-utilization") ?? "")).toBeLessThan(10);
  });
});
