import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answerText } from "../../../behavior/prompt.ts";
import { gathered, openAiUnderTest } from "./client.ts";

const model = "gpt-4o-mini";
const messages = [{ role: "user" as const, content: "What is the weather in Paris?" }];
const Weather = z.strictObject({ city: z.string(), days: z.number().int(), unit: z.enum(["celsius", "fahrenheit"]) });
const weather = zodFunction({ name: "get_weather", parameters: Weather });
const other = zodFunction({ name: "get_time", parameters: z.strictObject({ zone: z.string() }) });

describe("tools of chat completions", () => {
  it("are called with arguments that fit their schema, the same for the same request", async () => {
    const call = async (): Promise<unknown> => {
      const { client } = await openAiUnderTest();
      const answer = await client.chat.completions.create({ model, messages, tools: [weather] });
      const [choice] = answer.choices;
      expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: null, refusal: null } });
      const [made, ...more] = choice?.message.tool_calls ?? [];
      expect(more).toEqual([]);
      if (made?.type !== "function") throw new Error("expected a call of a function");
      expect(made.id).toMatch(/^call_[A-Za-z0-9]{24}$/);
      expect(made.function.name).toBe("get_weather");
      expect(answer.usage?.completion_tokens).toBe(Math.ceil(made.function.arguments.length / 4));
      return Weather.parse(JSON.parse(made.function.arguments));
    };
    expect(await call()).toEqual(await call());
  });

  it("obey the choice: none, required, one by name, those that are allowed", async () => {
    const { client } = await openAiUnderTest();
    const names = async (extra: object): Promise<readonly (string | undefined)[]> => {
      const answer = await client.chat.completions.create({ model, messages, tools: [weather, other], ...extra });
      const [choice] = answer.choices;
      const calls = choice?.message.tool_calls ?? [];
      return [
        choice?.finish_reason,
        ...calls.map((call) => (call.type === "function" ? call.function.name : "custom")),
      ];
    };
    expect(await names({ tool_choice: "none" })).toEqual(["stop"]);
    expect((await names({ tool_choice: "required" }))[0]).toBe("tool_calls");
    expect(await names({ tool_choice: { type: "function", function: { name: "get_time" } } })).toEqual([
      "stop",
      "get_time",
    ]);
    expect(await names({ parallel_tool_calls: false })).toHaveLength(2);
    const allowed = { mode: "required", tools: [{ type: "function", function: { name: "get_time" } }] };
    expect(await names({ tool_choice: { type: "allowed_tools", allowed_tools: allowed } })).toEqual([
      "tool_calls",
      "get_time",
    ]);
  });

  it("may be called two at a time, told apart by index in a stream", async () => {
    const { client } = await openAiUnderTest();
    const counts = new Set<number>();
    for (let index = 0; index < 8; index++) {
      const asked = [{ role: "user" as const, content: `Question ${index}` }];
      const final = await client.chat.completions
        .stream({ model, messages: asked, tools: [weather, other] })
        .finalChatCompletion();
      const calls = final.choices[0]?.message.tool_calls ?? [];
      for (const call of calls) {
        if (call.type !== "function") continue;
        (call.function.name === "get_weather" ? Weather : z.strictObject({ zone: z.string() })).parse(
          JSON.parse(call.function.arguments),
        );
      }
      expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
      counts.add(calls.length);
    }
    expect(counts).toEqual(new Set([1, 2]));
  });

  it("are streamed: name first, then arguments in pieces, then the reason", async () => {
    const { client } = await openAiUnderTest();
    const chunks = await gathered(
      await client.chat.completions.create({
        model,
        messages,
        tools: [weather],
        tool_choice: "required",
        stream: true,
      }),
    );
    const deltas = chunks.map((chunk) => chunk.choices[0]?.delta);
    expect(deltas[0]).toMatchObject({ role: "assistant", content: null });
    expect(deltas[1]?.tool_calls).toMatchObject([
      {
        index: 0,
        id: expect.stringMatching(/^call_/),
        type: "function",
        function: { name: "get_weather", arguments: "" },
      },
    ]);
    const pieces = deltas.slice(2, -1).map((delta) => delta?.tool_calls?.[0]?.function?.arguments);
    expect(pieces.length).toBeGreaterThan(2);
    Weather.parse(JSON.parse(pieces.join("")));
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: "tool_calls" });
  });

  it("run to the end in the SDK's runner, whole and streamed", async () => {
    const { client } = await openAiUnderTest();
    for (const stream of [false, true]) {
      const asked: unknown[] = [];
      const tool = zodFunction({
        name: "get_weather",
        parameters: Weather,
        function: (args) => {
          asked.push(args);
          return "sunny";
        },
      });
      const params = { model, messages: [...messages], tools: [tool] };
      const runner = stream
        ? client.chat.completions.runTools({ ...params, stream: true })
        : client.chat.completions.runTools(params);
      expect(await runner.finalContent()).not.toBe("");
      expect(asked).toHaveLength(1);
      Weather.parse(asked[0]);
    }
  });

  it("were functions once, and may be asked for so", async () => {
    const { client } = await openAiUnderTest();
    const functions = [
      { name: "f", parameters: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] } },
    ];
    const whole = await client.chat.completions.create({ model, messages, functions });
    expect(whole.choices[0]).toMatchObject({
      finish_reason: "function_call",
      message: { function_call: { name: "f" } },
    });
    const streamed = await client.chat.completions.stream({ model, messages, functions }).finalChatCompletion();
    const { function_call: call } = streamed.choices[0]?.message ?? {};
    expect(Number.isInteger((JSON.parse(call?.arguments ?? "") as { a: unknown }).a)).toBe(true);
  });

  it("may take free text", async () => {
    const { client } = await openAiUnderTest();
    const custom = { type: "custom" as const, custom: { name: "note" } };
    const answer = await client.chat.completions.create({ model, messages, tools: [custom] });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ type: "custom", custom: { name: "note", input: expect.stringMatching(/\w/) } });
  });
});

describe("structured outputs of chat completions", () => {
  const Step = z.object({ explanation: z.string(), output: z.string() });
  const Answer = z.object({
    steps: z.array(Step),
    final: z.number(),
    kind: z.enum(["a", "b"]),
    note: z.string().nullable(),
  });

  it("are parsed by the SDK, whole and streamed", async () => {
    const { client } = await openAiUnderTest();
    const request = { model, messages, response_format: zodResponseFormat(Answer, "answer") };
    const parsed = await client.chat.completions.parse(request);
    expect(Answer.parse(parsed.choices[0]?.message.parsed)).toEqual(parsed.choices[0]?.message.parsed);
    expect(parsed.choices[0]?.finish_reason).toBe("stop");
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    Answer.parse(streamed.choices[0]?.message.parsed);
  });

  it("are any object when only JSON is asked for", async () => {
    const { client } = await openAiUnderTest();
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: "Answer in JSON." }],
      response_format: { type: "json_object" },
    });
    expect(typeof JSON.parse(answer.choices[0]?.message.content ?? "")).toBe("object");
  });

  it("are as long as a marker wishes", async () => {
    const { client } = await openAiUnderTest();
    const content = "[sq l j in=40 cached=0 out=90] Answer in JSON.";
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content }],
      response_format: zodResponseFormat(Answer, "answer"),
    });
    expect(answer.usage?.completion_tokens).toBe(90);
    Answer.parse(JSON.parse(answer.choices[0]?.message.content ?? ""));
  });
});

describe("models that think", () => {
  it("count their thoughts, and answer nothing when the cap is used up by them", async () => {
    const { client } = await openAiUnderTest();
    const asked = [{ role: "user" as const, content: "[sq l th in=10 cached=0 out=100] Think." }];
    const answer = await client.chat.completions.create({ model: "o3", messages: asked, reasoning_effort: "medium" });
    expect(answer.usage).toMatchObject({ completion_tokens: 100, completion_tokens_details: { reasoning_tokens: 50 } });
    expect(answer.choices[0]?.message.content).toBe(answerText("th")(0, 50));
    const capped = await client.chat.completions.create({
      model: "o3",
      messages: asked,
      reasoning_effort: "medium",
      max_completion_tokens: 30,
    });
    expect(capped.choices[0]).toMatchObject({ finish_reason: "length", message: { content: "" } });
    const planned = await client.chat.completions.create({ model: "gpt-5", messages: asked });
    expect(planned.usage?.completion_tokens_details?.reasoning_tokens).toBe(0);
    const unmarked = await client.chat.completions.create({ model: "gpt-5", messages });
    expect(unmarked.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });
});

describe("what else shapes an answer", () => {
  const marked = [{ role: "user" as const, content: "[sq l s1 in=40 cached=0 out=60] hello" }];

  it("stops before a stop sequence, whole and streamed", async () => {
    const { client } = await openAiUnderTest();
    const words = answerText("s1")(0, 60);
    const stop = words.slice(50, 57);
    const whole = await client.chat.completions.create({ model, messages: marked, stop: ["never in there", stop] });
    expect(whole.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: words.slice(0, words.indexOf(stop)) },
    });
    const streamed = await client.chat.completions.stream({ model, messages: marked, stop }).finalContent();
    expect(streamed).toBe(words.slice(0, words.indexOf(stop)));
  });

  it("gives probabilities for each token when asked, the taken one first", async () => {
    const { client } = await openAiUnderTest();
    const request = { model, messages: marked, logprobs: true, top_logprobs: 3, max_completion_tokens: 5 };
    const whole = await client.chat.completions.create(request);
    const tokens = whole.choices[0]?.logprobs?.content ?? [];
    expect(tokens.map(({ token }) => token).join("")).toBe(whole.choices[0]?.message.content);
    for (const { token, logprob, top_logprobs: top } of tokens) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top).toHaveLength(3);
      expect(top[0]?.token).toBe(token);
      expect(top.map((one) => one.logprob)).toEqual(
        top.map((one) => one.logprob).toSorted((left, right) => right - left),
      );
    }
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices[0]?.logprobs?.content).toEqual(tokens);
  });

  it("reads a long prompt from the cache the second time, for its own organization", async () => {
    const { client, clientWith } = await openAiUnderTest();
    const system = { role: "system" as const, content: answerText("long")(0, 3_000) };
    const cached = async (from: typeof client, question: string): Promise<number | undefined> => {
      const asked = { model, messages: [system, { role: "user" as const, content: question }] };
      return (await from.chat.completions.create(asked)).usage?.prompt_tokens_details?.cached_tokens;
    };
    expect(await cached(client, "one")).toBe(0);
    const again = await cached(client, "two");
    expect(again).toBeGreaterThanOrEqual(1_024);
    expect((again ?? 1) % 128).toBe(0);
    expect(await cached(clientWith({ apiKey: "sk-squall-openai-tight" }), "three")).toBe(0);
  });

  it("finds the marker behind a system prompt", async () => {
    const { client } = await openAiUnderTest();
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: "system", content: "Be kind." }, ...marked],
    });
    expect(answer.choices[0]?.message.content).toBe(answerText("s1")(0, 60));
  });
});
