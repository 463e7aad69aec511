/** The handlers as a user's own tests have them: the vendors' SDKs with their default addresses, no port, no waiting. */
import Anthropic from "@anthropic-ai/sdk";
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { GoogleGenAI } from "@google/genai";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { setupServer } from "msw/node";
import OpenAI, { AzureOpenAI, RateLimitError } from "openai";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type MockedProviders, mockProviders, type MockProvidersOptions } from "../../../mock-providers/msw/index.ts";

/** Providers in force until the test ends; anything else that is requested fails it. */
function intercepted(options?: MockProvidersOptions): MockedProviders {
  const squall = mockProviders(options);
  const server = setupServer(...squall.handlers);
  server.listen({ onUnhandledFrame: "error" });
  onTestFinished(() => server.close());
  return squall;
}

/** Three requests a minute, three thousand tokens. */
const tight = {
  providers: { openai: { dialect: "openai", latency: "instant", models: { "gpt-4o-mini": { rpm: 3, tpm: 3_000 } } } },
  keys: { openai: [{ key: "sk-tight" }] },
};

function openAi(apiKey: string, maxRetries = 0): OpenAI {
  return new OpenAI({ apiKey, maxRetries });
}

const question = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: "hello" }] };

describe("mockProviders", () => {
  it("answers OpenAI's SDK at its default address, with usage that the journal and the ledger agree on", async () => {
    const squall = intercepted();
    const answer = await openAi(squall.providers["openai"]?.apiKey ?? "").chat.completions.create(question);
    expect(answer.choices[0]?.message.content).toMatch(/\w/);
    expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
    expect(squall.journal()).toMatchObject([
      { provider: "openai", outcome: "ok", status: 200, outputTokens: answer.usage?.completion_tokens },
    ]);
    expect(squall.ledger()[0]).toMatchObject({
      provider: "openai",
      served: 1,
      outputTokens: answer.usage?.completion_tokens,
    });
  });

  it("dates its answers by the clock that the test moves", async () => {
    const squall = intercepted();
    const sdk = openAi(squall.providers["openai"]?.apiKey ?? "");
    const [chat, response] = [
      await sdk.chat.completions.create(question),
      await sdk.responses.create({ model: question.model, input: "hi" }),
    ];
    await squall.clock.advance(3_600_000);
    const [later, last] = [
      await sdk.chat.completions.create(question),
      await sdk.responses.create({ model: question.model, input: "hi" }),
    ];
    expect(later.created - chat.created).toBe(3_600);
    expect(last.created_at - response.created_at).toBe(3_600);
  });

  it("answers Azure's, Anthropic's, Google's and Amazon's SDKs at theirs", async () => {
    const { providers } = intercepted();
    const key = (name: string): string => providers[name]?.apiKey ?? "";
    const azure = new AzureOpenAI({
      endpoint: "https://my-resource.openai.azure.com",
      apiVersion: "2024-10-21",
      apiKey: key("azure-openai"),
      maxRetries: 0,
    });
    expect(
      (await azure.chat.completions.create({ ...question, model: providers["azure-openai"]?.model ?? "" })).usage
        ?.total_tokens,
    ).toBeGreaterThan(0);
    const anthropic = new Anthropic({ apiKey: key("anthropic"), maxRetries: 0 });
    const message = await anthropic.messages.create({
      model: providers["anthropic"]?.model ?? "",
      max_tokens: 50,
      messages: [{ role: "user", content: "hello" }],
    });
    expect(message.usage.output_tokens).toBeGreaterThan(0);
    const google = new GoogleGenAI({ apiKey: key("gemini") });
    const generated = await google.models.generateContent({
      model: providers["gemini"]?.model ?? "",
      contents: "hello",
    });
    expect(generated.usageMetadata?.candidatesTokenCount).toBeGreaterThan(0);
    const converse = new ConverseCommand({
      modelId: providers["bedrock"]?.model ?? "",
      messages: [{ role: "user", content: [{ text: "hello" }] }],
    });
    expect((await bedrock(key("bedrock")).send(converse)).usage?.outputTokens).toBeGreaterThan(0);
  });

  it("streams: OpenAI's events, Anthropic's, and Amazon's binary frames, each whole", async () => {
    const { providers, journal } = intercepted();
    const key = (name: string): string => providers[name]?.apiKey ?? "";
    let finish: string | null | undefined;
    for await (const { choices } of await openAi(key("openai")).chat.completions.create({
      ...question,
      stream: true,
    })) {
      finish = choices[0]?.finish_reason ?? finish;
    }
    expect(finish).toBe("stop");
    const anthropic = new Anthropic({ apiKey: key("anthropic"), maxRetries: 0 });
    const message = await anthropic.messages
      .stream({
        model: providers["anthropic"]?.model ?? "",
        max_tokens: 20,
        messages: [{ role: "user", content: "hello" }],
      })
      .finalMessage();
    expect(message.stop_reason).toMatch(/end_turn|max_tokens/);
    const command = new ConverseStreamCommand({
      modelId: providers["bedrock"]?.model ?? "",
      messages: [{ role: "user", content: [{ text: "hello" }] }],
    });
    let stopped: string | undefined;
    for await (const event of (await bedrock(key("bedrock")).send(command)).stream ?? []) {
      stopped = event.messageStop?.stopReason ?? stopped;
    }
    expect(stopped).toBe("end_turn");
    expect(journal().map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ["openai", "ok"],
      ["anthropic", "ok"],
      ["bedrock", "ok"],
    ]);
  });

  it("refuses the fourth request of a minute and admits it once the clock has gone on as long as it was told", async () => {
    const squall = intercepted({ config: tight });
    const client = openAi("sk-tight");
    for (let request = 0; request < 3; request++) await client.chat.completions.create({ ...question, max_tokens: 5 });
    const refused = await client.chat.completions.create(question).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RateLimitError);
    const retryAfterMs = Number((refused as RateLimitError).headers?.get("retry-after-ms"));
    expect(retryAfterMs).toBeGreaterThan(0);
    await squall.clock.advance(retryAfterMs);
    await expect(client.chat.completions.create({ ...question, max_tokens: 5 })).resolves.toBeDefined();
    expect(squall.limits()[0]).toMatchObject({
      provider: "openai",
      model: "gpt-4o-mini",
      quota: { requests: { limit: 3, remaining: 0 } },
    });
  });

  it("plays planned latencies on its own clock: nothing comes before its time, all of it then", async () => {
    const squall = intercepted({ latencyScale: 1 });
    const client = openAi(squall.providers["openai"]?.apiKey ?? "");
    let texts = 0;
    const reading = (async () => {
      for await (const { choices } of await client.chat.completions.create({ ...question, stream: true })) {
        texts += choices[0]?.delta.content ? 1 : 0;
      }
    })();
    await squall.received(1);
    await squall.clock.advance(1);
    expect(texts).toBe(0);
    await squall.clock.advanceUntil(reading);
    expect(texts).toBeGreaterThan(0);
    const [call] = squall.journal();
    expect(call?.firstTokenMs).toBeGreaterThan(100);
    expect(call?.endMs).toBe(squall.clock.nowMs());
  });

  it("switches faults on and off in code, a broken connection among them", async () => {
    const squall = intercepted();
    const client = openAi(squall.providers["openai"]?.apiKey ?? "");
    squall.faults.add({ fault: { provider: "openai", kind: "outage" }, for: "30s" });
    await expect(client.chat.completions.create(question)).rejects.toMatchObject({ status: 503 });
    await squall.clock.advance(30_000);
    await expect(client.chat.completions.create(question)).resolves.toBeDefined();
    squall.faults.add({ fault: { provider: "openai", kind: "cut-stream", after: 0.5 } });
    const cut = await client.chat.completions.create({ ...question, stream: true });
    await expect(drained(cut)).rejects.toThrow(/terminated/);
    squall.faults.clear();
    expect(squall.faults.entries()).toEqual([]);
    await expect(client.chat.completions.create(question)).resolves.toBeDefined();
  });

  it("knows a client that leaves in the middle of a stream", async () => {
    const squall = intercepted({ latencyScale: 1 });
    const client = openAi(squall.providers["openai"]?.apiKey ?? "");
    const stop = new AbortController();
    const answer = client.chat.completions.create(question, { signal: stop.signal }).catch((error: unknown) => error);
    await squall.received(1);
    stop.abort();
    await answer;
    expect(squall.journal()).toMatchObject([{ outcome: "aborted" }]);
  });

  it("starts over on reset, with the same answers for the same seed", async () => {
    const squall = intercepted({ config: tight, seed: 7 });
    const client = openAi("sk-tight");
    const ask = async (): Promise<string> => (await client.chat.completions.create({ ...question, max_tokens: 20 })).id;
    const first = await ask();
    squall.reset();
    expect(squall.journal()).toEqual([]);
    expect(await ask()).toBe(first);
    squall.reset(8);
    expect(await ask()).not.toBe(first);
  });

  it("tells what is wrong with a configuration, all of it", () => {
    const providers = { openai: { dialect: "opnai", latency: "instant", models: { "gpt-4o-mini": { rpm: "many" } } } };
    expect(() => mockProviders({ config: { providers } })).toThrow(/2 problems[^]*opnai[^]*many/);
  });

  it("serves two providers of one dialect below its own address, and the control API", async () => {
    const openai = { dialect: "openai", latency: "instant", models: { "gpt-4o-mini": { rpm: 100 } } };
    const squall = intercepted({ config: { providers: { east: openai, west: openai } } });
    const west = squall.providers["west"];
    const client = new OpenAI({ apiKey: west?.apiKey ?? "", baseURL: west?.baseUrl ?? "", maxRetries: 0 });
    await client.chat.completions.create(question);
    expect(squall.journal()).toMatchObject([{ provider: "west" }]);
    const health = await fetch("http://squall.test/_squall/health");
    expect(await health.json()).toMatchObject({ status: "ok" });
  });
});

describe("mockProviders on the system's time", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("lets an SDK wait out a 429 by itself under a test's fake timers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
    const squall = intercepted({ config: tight, time: "system" });
    const client = openAi("sk-tight", 2);
    for (let request = 0; request < 3; request++) await client.chat.completions.create({ ...question, max_tokens: 5 });
    const beganMs = squall.clock.nowMs();
    let settled = false;
    const retried = client.chat.completions.create({ ...question, max_tokens: 5 }).finally(() => {
      settled = true;
    });
    while (!settled) await vi.advanceTimersByTimeAsync(100);
    await expect(retried).resolves.toBeDefined();
    expect(squall.clock.nowMs() - beganMs).toBeGreaterThan(1_000);
    expect(squall.journal().map(({ status }) => status)).toEqual([200, 200, 200, 429, 200]);
  });
});

function bedrock(apiKey: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: "us-east-1",
    credentials: { accessKeyId: apiKey, secretAccessKey: apiKey },
    maxAttempts: 1,
    // HTTP/1.1, which can be intercepted; the SDK's own HTTP/2 cannot.
    requestHandler: new NodeHttpHandler(),
  });
}

async function drained(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of events);
}
