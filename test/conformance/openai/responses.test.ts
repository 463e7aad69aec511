import { BadRequestError, NotFoundError } from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answerText } from "../../../behavior/prompt.ts";
import { gathered, openAiUnderTest, refusal } from "./client.ts";

const input = "[sq l r1 in=40 cached=12 out=30] What is a token?";
const words = answerText("r1")(0, 30);
const model = "gpt-4o-mini";

const weather = {
  type: "function" as const,
  name: "get_weather",
  description: null,
  strict: true,
  parameters: {
    type: "object",
    properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
    required: ["city", "unit"],
    additionalProperties: false,
  },
};

describe("responses through the SDK", () => {
  it("answer whole, with what was asked and what it cost", async () => {
    const { client } = await openAiUnderTest();
    const { data, request_id } = await client.responses
      .create({ model, input, instructions: "Be brief.", temperature: 0.5, metadata: { team: "a" } })
      .withResponse();
    expect(data).toMatchObject({
      object: "response",
      status: "completed",
      model: "gpt-4o-mini-2024-07-18",
      error: null,
      incomplete_details: null,
      instructions: "Be brief.",
      temperature: 0.5,
      top_p: 1,
      metadata: { team: "a" },
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      store: true,
      text: { format: { type: "text" } },
      tool_choice: "auto",
      tools: [],
      truncation: "disabled",
      output: [
        {
          type: "message",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: words, annotations: [], logprobs: [] }],
        },
      ],
      usage: {
        input_tokens: 40,
        input_tokens_details: { cached_tokens: 12 },
        output_tokens: 30,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 70,
      },
    });
    expect(data.output_text).toBe(words);
    expect(data.id).toMatch(/^resp_[0-9a-f]{50}$/);
    expect(data.output[0]?.id).toMatch(/^msg_[0-9a-f]{50}$/);
    expect(Math.abs(data.created_at - Date.now() / 1_000)).toBeLessThan(600);
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it("come as typed events in order, numbered from 0", async () => {
    const { client } = await openAiUnderTest();
    const events = await gathered(await client.responses.create({ model, input, stream: true }));
    expect(events.map(({ type }) => type)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      ...Array.from({ length: 30 }, () => "response.output_text.delta"),
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(events.map((event) => "sequence_number" in event && event.sequence_number)).toEqual(
      events.map((_, index) => index),
    );
    expect(events.map((event) => (event.type === "response.output_text.delta" ? event.delta : "")).join("")).toBe(
      words,
    );
    const last = events.at(-1);
    expect(last).toMatchObject({ response: { status: "completed", usage: { output_tokens: 30 } } });
    const first = events[0];
    expect(first).toMatchObject({ response: { status: "in_progress", output: [], usage: null } });
    if (first?.type === "response.created" && last?.type === "response.completed") {
      expect(first.response.id).toBe(last.response.id);
    }
  });

  it("satisfy the helper, which checks every step", async () => {
    const { client } = await openAiUnderTest();
    const seen: string[] = [];
    const stream = client.responses
      .stream({ model, input, stream_options: { include_obfuscation: false } })
      .on("response.output_text.delta", (event) => seen.push(event.delta));
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(words);
    expect(seen.join("")).toBe(words);
    expect(final.status).toBe("completed");
  });

  it("are incomplete when the cap cuts them, whole and streamed", async () => {
    const { client } = await openAiUnderTest();
    const request = { model, input, max_output_tokens: 16 };
    const whole = await client.responses.create(request);
    expect(whole).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    expect(whole.output_text).toBe(words.slice(0, 64));
    expect(whole.output[0]).toMatchObject({ status: "incomplete" });
    const streamed = await gathered(await client.responses.create({ ...request, stream: true }));
    expect(streamed.at(-1)).toMatchObject({ type: "response.incomplete", response: { status: "incomplete" } });
    const helped = await client.responses.stream(request).finalResponse();
    expect(helped.incomplete_details?.reason).toBe("max_output_tokens");
  });

  it("stay whole when fifty run at once", async () => {
    const { client } = await openAiUnderTest({ latencyScale: 0.05 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        client.responses
          .stream({ model, input: `[sq l p${index} in=10 cached=0 out=${20 + index}] x` })
          .finalResponse(),
      ),
    );
    expect(answers.map((answer) => answer.output_text)).toEqual(
      answers.map((_, index) => answerText(`p${index}`)(0, 20 + index)),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(50);
  });

  it("stop being made when the client leaves", async () => {
    const { client, journal } = await openAiUnderTest({ latencyScale: 0.5 });
    const stream = await client.responses.create({
      model,
      input: "[sq l gone in=10 cached=0 out=500] x",
      stream: true,
    });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    await expect.poll(async () => (await journal()).map(({ outcome }) => outcome)).toEqual(["aborted"]);
    expect((await journal())[0]?.outputTokens).toBeLessThan(500);
  });
});

describe("tools of responses", () => {
  it("are called with arguments that fit their schema, and answered with text", async () => {
    const { client } = await openAiUnderTest();
    const question = { role: "user" as const, content: "What is the weather in Paris?" };
    const first = await client.responses.create({ model, input: [question], tools: [weather] });
    const [call] = first.output;
    if (call?.type !== "function_call") throw new Error(`expected a call, got ${call?.type}`);
    expect(call).toMatchObject({ name: "get_weather", status: "completed" });
    expect(call.id).toMatch(/^fc_/);
    expect(call.call_id).toMatch(/^call_[A-Za-z0-9]{24}$/);
    const args = z
      .strictObject({ city: z.string(), unit: z.enum(["celsius", "fahrenheit"]) })
      .parse(JSON.parse(call.arguments));
    expect(args.city).not.toBe("");
    const result = { type: "function_call_output" as const, call_id: call.call_id, output: "sunny" };
    const second = await client.responses.create({ model, input: [question, call, result], tools: [weather] });
    expect(second.output_text).not.toBe("");
    const chained = await client.responses.create({
      model,
      input: [result],
      previous_response_id: first.id,
      tools: [weather],
    });
    expect(chained.output[0]?.type).toBe("message");
    expect(chained.usage?.input_tokens).toBeGreaterThan(first.usage?.total_tokens ?? 0);
  });

  it("stream their arguments", async () => {
    const { client } = await openAiUnderTest();
    const request = { model, input: "Weather in Rome?", tools: [weather], tool_choice: "required" as const };
    const events = await gathered(await client.responses.create({ ...request, stream: true }));
    const types = events.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(["response.created", "response.in_progress", "response.output_item.added"]);
    expect(types.slice(-3)).toEqual([
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const deltas = events.map((event) => (event.type === "response.function_call_arguments.delta" ? event.delta : ""));
    const done = events.find((event) => event.type === "response.function_call_arguments.done");
    expect(deltas.join("")).toBe(done?.arguments);
    const helped = await client.responses.stream(request).finalResponse();
    expect(helped.output[0]).toMatchObject({ type: "function_call", status: "completed" });
  });

  it("obey the choice: none, one by name, a custom one", async () => {
    const { client } = await openAiUnderTest();
    const other = { ...weather, name: "other" };
    const ask = async (extra: object): Promise<readonly unknown[]> =>
      (await client.responses.create({ model, input: "hi", tools: [weather, other], ...extra })).output;
    expect(await ask({ tool_choice: "none" })).toMatchObject([{ type: "message" }]);
    expect(await ask({ tool_choice: { type: "function", name: "other" } })).toMatchObject([{ name: "other" }]);
    expect(await ask({ parallel_tool_calls: false })).toHaveLength(1);
    const custom = { type: "custom", name: "note" };
    expect(await ask({ tools: [custom], tool_choice: "required" })).toMatchObject([
      { type: "custom_tool_call", name: "note" },
    ]);
    const builtIn = await client.responses.create({ model, input: "hi", tools: [{ type: "web_search" }] });
    expect(builtIn.output[0]?.type).toBe("message");
  });
});

describe("structured outputs of responses", () => {
  const Person = z.object({
    name: z.string(),
    age: z.number().int(),
    tags: z.array(z.string()),
    nick: z.string().nullable(),
  });

  it("are parsed by the SDK, whole and streamed", async () => {
    const { client } = await openAiUnderTest();
    const request = { model, input: "Who?", text: { format: zodTextFormat(Person, "person") } };
    const parsed = await client.responses.parse(request);
    expect(Person.parse(parsed.output_parsed)).toEqual(parsed.output_parsed);
    expect(parsed.text?.format).toMatchObject({ type: "json_schema", name: "person", strict: true });
    const streamed = await client.responses.stream(request).finalResponse();
    expect(Person.parse(streamed.output_parsed)).toEqual(streamed.output_parsed);
  });

  it("are any object when only JSON is asked for", async () => {
    const { client } = await openAiUnderTest();
    const answer = await client.responses.create({
      model,
      input: "Say it in JSON",
      text: { format: { type: "json_object" } },
    });
    expect(typeof JSON.parse(answer.output_text)).toBe("object");
  });
});

describe("models that think", () => {
  it("put their thoughts before the message and count them", async () => {
    const { client } = await openAiUnderTest();
    const answer = await client.responses.create({
      model: "gpt-5",
      input: "[sq l th in=10 cached=0 out=100] Think.",
      reasoning: { effort: "high", summary: "auto" },
      include: ["reasoning.encrypted_content"],
    });
    const [thoughts, message] = answer.output;
    expect(thoughts).toMatchObject({
      type: "reasoning",
      summary: [{ type: "summary_text" }],
      encrypted_content: expect.any(String),
    });
    expect(thoughts?.id).toMatch(/^rs_/);
    expect(message?.type).toBe("message");
    expect(answer.usage).toMatchObject({ output_tokens: 100, output_tokens_details: { reasoning_tokens: 80 } });
    expect(answer.reasoning).toMatchObject({ effort: "high", summary: "auto" });
  });

  it("stream a summary where it is wanted, and nothing of them where not", async () => {
    const { client } = await openAiUnderTest();
    const content = "[sq l th in=10 cached=0 out=40] Think.";
    const types = async (summary: "auto" | null): Promise<readonly string[]> => {
      const request = { model: "o4-mini", input: content, reasoning: { effort: "medium" as const, summary } };
      await client.responses.stream(request).finalResponse();
      const events = await gathered(await client.responses.create({ ...request, stream: true }));
      return [...new Set(events.map(({ type }) => type))];
    };
    expect(await types("auto")).toEqual(
      expect.arrayContaining([
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
      ]),
    );
    expect((await types(null)).filter((type) => type.includes("summary"))).toEqual([]);
  });

  it("may think until the cap and say nothing", async () => {
    const { client } = await openAiUnderTest();
    const answer = await client.responses.create({
      model: "o3",
      input: "[sq l cap in=10 cached=0 out=200] Think.",
      reasoning: { effort: "high" },
      max_output_tokens: 20,
    });
    expect(answer).toMatchObject({ status: "incomplete", output: [{ type: "reasoning" }], output_text: "" });
    expect(answer.usage?.output_tokens_details.reasoning_tokens).toBe(20);
  });
});

describe("stored responses", () => {
  it("can be read, listed by their input and deleted, by their own organization", async () => {
    const { client, clientWith } = await openAiUnderTest();
    const made = await client.responses.create({ model, input });
    expect(await client.responses.retrieve(made.id)).toMatchObject({
      id: made.id,
      output: made.output,
      output_text: words,
    });
    const items = await gathered(client.responses.inputItems.list(made.id));
    expect(items).toMatchObject([{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }]);
    const stranger = clientWith({ apiKey: "sk-squall-openai-tight" });
    expect(await refusal(stranger.responses.retrieve(made.id))).toBeInstanceOf(NotFoundError);
    expect(await refusal(client.responses.cancel(made.id))).toMatchObject({ status: 400 });
    await client.responses.delete(made.id);
    expect(await refusal(client.responses.retrieve(made.id))).toMatchObject({ status: 404 });
  });

  it("are those of streams too, and none that were not to be stored", async () => {
    const { client } = await openAiUnderTest();
    const streamed = await client.responses.stream({ model, input }).finalResponse();
    expect((await client.responses.retrieve(streamed.id)).output_text).toBe(words);
    const fleeting = await client.responses.create({ model, input, store: false });
    expect(await refusal(client.responses.retrieve(fleeting.id))).toBeInstanceOf(NotFoundError);
    const next = await refusal(client.responses.create({ model, input: "and?", previous_response_id: fleeting.id }));
    expect(next).toMatchObject({ status: 400, code: "previous_response_not_found", param: "previous_response_id" });
  });
});

describe("the tokens of an input", () => {
  it("are counted without an answer, as the answer would bill them", async () => {
    const { client, journal } = await openAiUnderTest();
    const request = {
      model,
      input: [{ role: "user" as const, content: "How long is this?" }],
      instructions: "Be brief.",
    };
    const counted = await client.responses.inputTokens.count(request);
    expect(counted.object).toBe("response.input_tokens");
    expect(await journal()).toEqual([]);
    expect((await client.responses.create(request)).usage?.input_tokens).toBe(counted.input_tokens);
    expect(await refusal(client.responses.inputTokens.count({ ...request, model: "gpt-99" }))).toMatchObject({
      status: 400,
    });
  });
});

describe("the Responses API refuses", () => {
  it.each([
    ["a model that does not exist", { model: "gpt-99" }, { status: 400, code: "model_not_found", param: "model" }],
    ["no input", { input: undefined }, { code: "missing_required_parameter", param: "input" }],
    ["an unknown parameter", { foo: 1 }, { code: "unknown_parameter", param: "foo" }],
    ["a cap below 16", { max_output_tokens: 5 }, { code: "integer_below_min_value", param: "max_output_tokens" }],
    ["a temperature above 2", { temperature: 3 }, { code: "decimal_above_max_value", param: "temperature" }],
    ["an unknown kind of item", { input: [{ type: "wish" }] }, { code: "invalid_value", param: "input[0].type" }],
    ["an unknown role", { input: [{ role: "king", content: "x" }] }, { code: "invalid_value", param: "input[0].role" }],
    [
      "an output without a call",
      { input: [{ type: "function_call_output", call_id: "call_1", output: "x" }] },
      { param: "input", code: null },
    ],
    [
      "a call without an output",
      { input: [{ type: "function_call", call_id: "call_1", name: "f", arguments: "{}" }] },
      { param: "input", message: expect.stringContaining("No tool output found for function call call_1.") },
    ],
    [
      "a strict schema that leaves something open",
      {
        text: { format: { type: "json_schema", name: "x", strict: true, schema: { type: "object", properties: {} } } },
      },
      { code: "invalid_json_schema", param: "text.format.schema" },
    ],
    ["an effort of a model that does not think", { reasoning: { effort: "low" } }, { code: "unsupported_parameter" }],
    [
      "an effort that the model does not have",
      { model: "o3", reasoning: { effort: "minimal" } },
      { code: "unsupported_value", param: "reasoning.effort" },
    ],
    [
      "a tool that is not there",
      { tools: [weather], tool_choice: { type: "function", name: "x" } },
      { param: "tool_choice" },
    ],
    ["a model of embeddings", { model: "text-embedding-3-small" }, { status: 400, param: "model" }],
  ])("%s", async (_why, changes, expected) => {
    const { client } = await openAiUnderTest();
    const error = await refusal(client.responses.create({ model, input: "hi", ...changes } as never));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ type: "invalid_request_error", ...expected });
  });
});
