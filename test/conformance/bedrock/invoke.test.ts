import { InvokeModelCommand, InvokeModelWithResponseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { type BedrockUnderTest, bedrockUnderTest, gathered, haiku, nova, roomyKey, titan } from "./client.ts";

const prompt = "[sq l k1 in=40 cached=10 out=12] Could you tell me";
const claudeBody = {
  anthropic_version: "bedrock-2023-05-31",
  max_tokens: 100,
  messages: [{ role: "user", content: prompt }],
};
const novaBody = {
  schemaVersion: "messages-v1",
  messages: [{ role: "user", content: [{ text: prompt }] }],
  inferenceConfig: { max_new_tokens: 100 },
};

type Json = Readonly<Record<string, unknown>>;

async function invoked({ client }: BedrockUnderTest, modelId: string, body: object): Promise<Json> {
  const answer = await client.send(new InvokeModelCommand({ modelId, body: JSON.stringify(body) }));
  return JSON.parse(answer.body.transformToString()) as Json;
}

/** The model's own events, unwrapped. */
async function invokedStream({ client }: BedrockUnderTest, modelId: string, body: object): Promise<readonly Json[]> {
  const command = new InvokeModelWithResponseStreamCommand({ modelId, body: JSON.stringify(body) });
  const answer = await client.send(command);
  const chunks = await gathered(answer.body);
  return chunks.map((event) => JSON.parse(new TextDecoder().decode(event.chunk?.bytes)) as Json);
}

const metrics = {
  "amazon-bedrock-invocationMetrics": {
    inputTokenCount: 30,
    outputTokenCount: 12,
    invocationLatency: expect.any(Number),
    firstByteLatency: expect.any(Number),
    cacheReadInputTokenCount: 10,
    cacheWriteInputTokenCount: 0,
  },
};

describe("InvokeModel of a Claude", () => {
  it("answers with Anthropic's message", async () => {
    const message = await invoked(await bedrockUnderTest(), haiku, claudeBody);
    expect(message).toMatchObject({
      type: "message",
      role: "assistant",
      model: "claude-haiku-4-5-20251001",
      stop_reason: "end_turn",
      content: [{ type: "text", text: expect.any(String) }],
      usage: { input_tokens: 30, output_tokens: 12, cache_read_input_tokens: 10 },
    });
    expect(message["id"]).toMatch(/^msg_bdrk_/);
  });

  it("counts tokens in headers", async () => {
    const { baseUrl } = await bedrockUnderTest();
    const response = await fetch(`${baseUrl}/model/${encodeURIComponent(haiku)}/invoke`, {
      method: "POST",
      headers: { authorization: `Bearer ${roomyKey}` },
      body: JSON.stringify(claudeBody),
    });
    const header = (name: string): string | null => response.headers.get(`x-amzn-bedrock-${name}`);
    expect(header("input-token-count")).toBe("30");
    expect(header("output-token-count")).toBe("12");
    expect(header("cache-read-input-token-count")).toBe("10");
    expect(header("invocation-latency")).toMatch(/^\d+$/);
  });

  it("streams Anthropic's events in chunks, without pings, the last with what was measured", async () => {
    const mock = await bedrockUnderTest();
    const whole = await invoked(mock, haiku, claudeBody);
    const events = await invokedStream(mock, haiku, claudeBody);
    const types = events.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(["message_start", "content_block_start", "content_block_delta"]);
    expect(types.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(types).not.toContain("ping");
    expect(events.at(-1)).toMatchObject({ type: "message_stop", ...metrics });
    const text = events.map(({ delta }) => (delta as { text?: string } | undefined)?.text ?? "").join("");
    expect(whole["content"]).toMatchObject([{ text }]);
  });

  it.each([
    {
      why: "no version",
      body: { ...claudeBody, anthropic_version: undefined },
      message: "anthropic_version: Field required",
    },
    {
      why: "an unknown version",
      body: { ...claudeBody, anthropic_version: "2020-01-01" },
      message: "Invalid API version",
    },
    {
      why: "no bound on the answer",
      body: { ...claudeBody, max_tokens: undefined },
      message: "max_tokens: Field required",
    },
    {
      why: "a model in the body",
      body: { ...claudeBody, model: haiku },
      message: "model: Extra inputs are not permitted",
    },
    {
      why: "a stream in the body",
      body: { ...claudeBody, stream: true },
      message: "stream: Extra inputs are not permitted",
    },
  ])("refuses $why with a ValidationException", async ({ body, message }) => {
    const refused = invoked(await bedrockUnderTest(), haiku, body);
    await expect(refused).rejects.toMatchObject({ name: "ValidationException", message });
  });
});

describe("InvokeModel of a Nova", () => {
  it("answers in the shape of Converse and obeys max_new_tokens", async () => {
    const mock = await bedrockUnderTest();
    const answer = await invoked(mock, nova, novaBody);
    expect(answer).toMatchObject({
      stopReason: "end_turn",
      output: { message: { role: "assistant", content: [{ text: expect.any(String) }] } },
      usage: { inputTokens: 30, outputTokens: 12, totalTokens: 52 },
    });
    const short = await invoked(mock, nova, { ...novaBody, inferenceConfig: { max_new_tokens: 5 } });
    expect(short).toMatchObject({ stopReason: "max_tokens", usage: { outputTokens: 5 } });
  });

  it("streams the events of Converse in chunks", async () => {
    const mock = await bedrockUnderTest();
    const whole = await invoked(mock, nova, novaBody);
    const events = await invokedStream(mock, nova, novaBody);
    expect(events[0]).toEqual({ messageStart: { role: "assistant" } });
    expect(events.at(-2)).toEqual({ messageStop: { stopReason: "end_turn" } });
    expect(events.at(-1)).toMatchObject({ metadata: { usage: { outputTokens: 12 } }, ...metrics });
    const text = events
      .map(({ contentBlockDelta: part }) => (part as { delta?: { text?: string } } | undefined)?.delta?.text ?? "")
      .join("");
    expect(whole["output"]).toMatchObject({ message: { content: [{ text }] } });
  });
});

describe("InvokeModel of Titan's embeddings", () => {
  it.each([
    { dimensions: undefined, length: 1_024 },
    { dimensions: 256, length: 256 },
  ])("makes vectors of $length numbers and length one", async ({ dimensions, length }) => {
    const mock = await bedrockUnderTest();
    const answer = await invoked(mock, titan, { inputText: "Grüezi mitenand", dimensions });
    const embedding = answer["embedding"] as readonly number[];
    expect(embedding).toHaveLength(length);
    expect(embedding.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
    expect(answer["inputTextTokenCount"]).toBeGreaterThan(1);
    expect(await invoked(mock, titan, { inputText: "Grüezi mitenand", dimensions })).toEqual(answer);
  });

  it("refuses a body without text, other lengths and streaming", async () => {
    const mock = await bedrockUnderTest();
    for (const body of [{}, { inputText: "" }, { inputText: "Hi", dimensions: 300 }]) {
      await expect(invoked(mock, titan, body)).rejects.toMatchObject({
        name: "ValidationException",
        message: expect.stringMatching(/^Malformed input request: .* please reformat/),
      });
    }
    await expect(invokedStream(mock, titan, { inputText: "Hi" })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });
});

describe("InvokeModel of models that are not there", () => {
  it("says that the identifier is invalid", async () => {
    const refused = invoked(await bedrockUnderTest(), "meta.llama9", { prompt: "Hi" });
    await expect(refused).rejects.toMatchObject({ message: "The provided model identifier is invalid." });
  });
});
