import { ConverseCommand, CountTokensCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { describe, expect, it } from "vitest";
import { bedrockProvider, bedrockUnderTest, haiku, nova, roomyKey, said, streamed, textOf } from "./client.ts";

const marked = "[sq l k1 in=40 cached=10 out=12] Could you tell me";

describe("Converse, by the AWS SDK", () => {
  it("answers over HTTP/2 with text, usage and latency", async () => {
    const { client } = await bedrockUnderTest();
    const answer = await client.send(new ConverseCommand(said(marked)));
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(answer.output?.message?.role).toBe("assistant");
    expect(answer.output?.message?.content?.[0]?.text).toHaveLength(12 * 4);
    expect(answer.stopReason).toBe("end_turn");
    expect(answer.usage).toEqual({
      inputTokens: 30,
      outputTokens: 12,
      totalTokens: 52,
      cacheReadInputTokens: 10,
      cacheWriteInputTokens: 0,
    });
    expect(answer.metrics?.latencyMs).toBeGreaterThanOrEqual(0);
  });

  it("answers the same over HTTP/1.1 on the same port", async () => {
    const { client, clientWith } = await bedrockUnderTest();
    const overHttp1 = clientWith(roomyKey, { requestHandler: new NodeHttpHandler() });
    const [first, second] = [
      await client.send(new ConverseCommand(said(marked))),
      await overHttp1.send(new ConverseCommand(said(marked))),
    ];
    expect(second.output).toEqual(first.output);
  });

  it("serves a model by its ARN, too", async () => {
    const { client } = await bedrockUnderTest();
    const modelId = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${haiku}`;
    const answer = await client.send(new ConverseCommand(said(marked, { modelId })));
    expect(answer.stopReason).toBe("end_turn");
  });

  it("serves an inference profile by the model that the configuration names", async () => {
    const [model] = bedrockProvider().models;
    if (model === undefined) throw new Error("the default configuration has models");
    const models = [{ ...model, model: haiku.replace("us.", "") }];
    const { client } = await bedrockUnderTest({ providers: [bedrockProvider({ models })] });
    const answer = await client.send(new ConverseCommand(said(marked)));
    expect(answer.stopReason).toBe("end_turn");
  });

  it("never says more than its model can", async () => {
    const { client } = await bedrockUnderTest();
    const answer = await client.send(new ConverseCommand(said("[sq l most in=9 cached=0 out=70000] Go on")));
    expect(answer.usage?.outputTokens).toBe(64_000);
  });

  it("cuts an answer at maxTokens and says so", async () => {
    const { client } = await bedrockUnderTest();
    const answer = await client.send(new ConverseCommand(said(marked, { inferenceConfig: { maxTokens: 5 } })));
    expect(answer.stopReason).toBe("max_tokens");
    expect(answer.usage?.outputTokens).toBe(5);
    expect(answer.output?.message?.content?.[0]?.text).toHaveLength(20);
  });

  it("stops before a stop sequence", async () => {
    const { client } = await bedrockUnderTest();
    const whole = await client.send(new ConverseCommand(said(marked)));
    const text = whole.output?.message?.content?.[0]?.text ?? "";
    const stop = text.slice(17, 21);
    const stopped = await client.send(
      new ConverseCommand(said(marked, { inferenceConfig: { stopSequences: [stop] } })),
    );
    expect(stopped.stopReason).toBe("stop_sequence");
    expect(stopped.output?.message?.content?.[0]?.text).toBe(text.slice(0, text.indexOf(stop)));
  });

  it("streams the same text, events in order, usage last", async () => {
    const { client } = await bedrockUnderTest();
    const whole = await client.send(new ConverseCommand(said(marked)));
    const events = await streamed(client, said(marked));
    expect(textOf(events)).toBe(whole.output?.message?.content?.[0]?.text);
    const types = events.map((event) => Object.keys(event)[0]);
    expect(types[0]).toBe("messageStart");
    expect(types.slice(-3)).toEqual(["contentBlockStop", "messageStop", "metadata"]);
    expect(new Set(types.slice(1, -3))).toEqual(new Set(["contentBlockDelta"]));
    expect(events.at(-1)?.metadata?.usage).toEqual(whole.usage);
    expect(events.at(-2)?.messageStop?.stopReason).toBe("end_turn");
  });

  it("keeps 20 parallel streams apart and whole", async () => {
    const { client } = await bedrockUnderTest({ latencyScale: 0.02 });
    const asked = Array.from({ length: 20 }, (_, index) => said(`[sq l p${index} in=40 cached=0 out=60] Tell me`));
    const answers = await Promise.all(asked.map((input) => streamed(client, input)));
    for (const events of answers) {
      expect(textOf(events)).toHaveLength(240);
      expect(events.at(-1)?.metadata?.usage?.outputTokens).toBe(60);
    }
    expect(new Set(answers.map(textOf)).size).toBeGreaterThan(15);
  });

  it("stops generating when the client gives up", async () => {
    const { client, control, journal } = await bedrockUnderTest({ latencyScale: 10 });
    const abort = new AbortController();
    const sent = streamed(client, said("[sq l gone in=40 cached=0 out=20] Tell me"), { abortSignal: abort.signal });
    const inFlight = async (): Promise<unknown> => (await (await control("GET", "health")).json()) as unknown;
    await expect.poll(inFlight).toMatchObject({ inFlight: 1 });
    abort.abort();
    await expect(sent).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => journal()).toMatchObject([{ key: "gone", outcome: "aborted", outputTokens: 0 }]);
    expect(await inFlight()).toMatchObject({ inFlight: 0 });
  });
});

describe("tools and structured output of Converse", () => {
  const inputSchema = {
    json: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" } },
      required: ["city", "days"],
    },
  };
  const toolConfig = {
    tools: [{ toolSpec: { name: "weather", inputSchema } }],
    toolChoice: { tool: { name: "weather" } },
  };

  it("calls a forced tool with arguments that fit its schema", async () => {
    const { client } = await bedrockUnderTest();
    const answer = await client.send(new ConverseCommand(said("How is the weather?", { toolConfig })));
    expect(answer.stopReason).toBe("tool_use");
    const toolUse = answer.output?.message?.content?.[0]?.toolUse;
    expect(toolUse).toMatchObject({ name: "weather", input: { city: expect.any(String), days: expect.any(Number) } });
    expect(toolUse?.toolUseId).toMatch(/^tooluse_/);
  });

  it("leaves a call that is cut short without arguments", async () => {
    const { client } = await bedrockUnderTest();
    const input = said("[sq l c in=40 cached=0 out=20] Weather?", { toolConfig, inferenceConfig: { maxTokens: 3 } });
    const answer = await client.send(new ConverseCommand(input));
    expect(answer.stopReason).toBe("max_tokens");
    expect(answer.output?.message?.content?.[0]?.toolUse?.input).toEqual({});
  });

  it("streams the same arguments in fragments", async () => {
    const { client } = await bedrockUnderTest();
    const events = await streamed(client, said("[sq l t in=40 cached=0 out=20] Weather?", { toolConfig }));
    expect(events[1]?.contentBlockStart?.start?.toolUse?.name).toBe("weather");
    const json = events.map((event) => event.contentBlockDelta?.delta?.toolUse?.input ?? "").join("");
    expect(JSON.parse(json)).toMatchObject({ city: expect.any(String), days: expect.any(Number) });
    expect(events.at(-2)?.messageStop?.stopReason).toBe("tool_use");
  });

  it("calls a tool that is offered, and goes on after its result", async () => {
    const { client } = await bedrockUnderTest();
    const input = { toolUseId: "tooluse_1", name: "weather", input: { city: "Bern", days: 1 } };
    const messages = [
      { role: "user" as const, content: [{ text: "Weather?" }] },
      { role: "assistant" as const, content: [{ toolUse: input }] },
      { role: "user" as const, content: [{ toolResult: { toolUseId: "tooluse_1", content: [{ text: "rain" }] } }] },
    ];
    const offered = { modelId: nova, toolConfig: { tools: toolConfig.tools } };
    const first = await client.send(new ConverseCommand({ ...offered, messages: messages.slice(0, 1) }));
    expect(first.stopReason).toBe("tool_use");
    const second = await client.send(new ConverseCommand({ ...offered, messages }));
    expect(second.stopReason).toBe("end_turn");
  });

  it("answers in JSON that fits the schema it was given", async () => {
    const { client } = await bedrockUnderTest();
    const structure = { jsonSchema: { name: "forecast", schema: JSON.stringify(inputSchema.json) } };
    const outputConfig = { textFormat: { type: "json_schema" as const, structure } };
    const answer = await client.send(new ConverseCommand(said("Forecast?", { outputConfig })));
    const text = answer.output?.message?.content?.[0]?.text ?? "";
    expect(JSON.parse(text)).toMatchObject({ city: expect.any(String), days: expect.any(Number) });
  });

  it("thinks first when it is told to, whole and streamed", async () => {
    const { client } = await bedrockUnderTest();
    const additionalModelRequestFields = { thinking: { type: "enabled", budget_tokens: 1_024 } };
    const input = said("[sq l think in=40 cached=0 out=40] Why?", { additionalModelRequestFields });
    const answer = await client.send(new ConverseCommand(input));
    const [thought, text] = answer.output?.message?.content ?? [];
    expect(thought?.reasoningContent?.reasoningText?.signature).toMatch(/^ErUB/);
    expect(text?.text).toHaveLength(80);
    const events = await streamed(client, input);
    const thoughts = events.map((event) => event.contentBlockDelta?.delta?.reasoningContent?.text ?? "").join("");
    expect(thoughts).toBe(thought?.reasoningContent?.reasoningText?.text);
  });

  it("writes a long prompt to the cache once and reads it from then on", async () => {
    const { client } = await bedrockUnderTest();
    const system = [
      { text: "Know all of this by heart. ".repeat(1_000) },
      { cachePoint: { type: "default" as const } },
    ];
    const [first, second] = [
      await client.send(new ConverseCommand(said("First?", { system }))),
      await client.send(new ConverseCommand(said("Second?", { system }))),
    ];
    expect(first.usage?.cacheWriteInputTokens).toBeGreaterThan(4_096);
    expect(second.usage?.cacheReadInputTokens).toBe(first.usage?.cacheWriteInputTokens);
    expect(second.usage?.cacheWriteInputTokens).toBe(0);
  });
});

describe("CountTokens", () => {
  it("counts what Converse bills, without an entry in the journal", async () => {
    const { client, journal } = await bedrockUnderTest();
    const { messages } = said("How many tokens are in this sentence?");
    const counted = await client.send(new CountTokensCommand({ modelId: haiku, input: { converse: { messages } } }));
    expect(await journal()).toEqual([]);
    const answer = await client.send(new ConverseCommand({ modelId: haiku, messages }));
    expect(counted.inputTokens).toBe(answer.usage?.inputTokens);
    const body = {
      anthropic_version: "bedrock-2023-05-31",
      max_tokens: 5,
      messages: [{ role: "user", content: "Hi" }],
    };
    const invokeModel = { body: new TextEncoder().encode(JSON.stringify(body)) };
    const invoked = await client.send(new CountTokensCommand({ modelId: haiku, input: { invokeModel } }));
    expect(invoked.inputTokens).toBe(8);
  });
});
