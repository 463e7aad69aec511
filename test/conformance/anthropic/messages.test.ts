import { describe, expect, it } from "vitest";
import * as z from "zod";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { answerText } from "../../../behavior/prompt.ts";
import { anthropicUnderTest, apiKey, gathered, hourlyApiKey } from "./client.ts";

const model = "claude-haiku-4-5";
const messages = [{ role: "user" as const, content: "[sq l c1 in=40 cached=12 out=9] What is a token?" }];
const words = answerText("c1")(0, 9);
const ask = { model, max_tokens: 100, messages };

const weather = {
  name: "get_weather",
  description: "Weather in a city",
  input_schema: {
    type: "object" as const,
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 1, maximum: 7 } },
    required: ["city", "days"],
  },
};
const weatherInput = z.strictObject({ city: z.string(), days: z.int().min(1).max(7) });

describe("messages through the SDK", () => {
  it("are answered whole, with usage, ids and the dated snapshot", async () => {
    const { client } = await anthropicUnderTest();
    const { data, response, request_id: requestId } = await client.messages.create(ask).withResponse();
    expect(data).toEqual({
      id: expect.stringMatching(/^msg_01[1-9A-HJ-NP-Za-km-z]{22}$/),
      type: "message",
      role: "assistant",
      model: "claude-haiku-4-5-20251001",
      content: [{ type: "text", text: words, citations: null }],
      stop_reason: "end_turn",
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        // Three counters that do not overlap.
        input_tokens: 28,
        cache_read_input_tokens: 12,
        cache_creation_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 0 },
        server_tool_use: null,
        service_tier: "standard",
        inference_geo: null,
        speed: null,
      },
    });
    expect(requestId).toMatch(/^req_011C[1-9A-HJ-NP-Za-km-z]{20}$/);
    expect(response.headers.get("request-id")).toBe(requestId);
    expect(response.headers.get("anthropic-organization-id")).toBe("org-squall");
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  it("take the key in either header, and both versions", async () => {
    const { post } = await anthropicUnderTest();
    const keys = [{ "x-api-key": apiKey }, { authorization: `Bearer ${apiKey}` }];
    for (const key of keys) {
      for (const version of ["2023-06-01", "2026-10-21"]) {
        const response = await post("/v1/messages", ask, { ...key, "anthropic-version": version });
        expect(response.status).toBe(200);
        expect(await response.json()).toMatchObject({ content: [{ text: words }] });
      }
    }
  });

  it("are cut at max_tokens and say so, whole and streamed", async () => {
    const { client } = await anthropicUnderTest();
    const whole = await client.messages.create({ ...ask, max_tokens: 4 });
    expect(whole).toMatchObject({ stop_reason: "max_tokens", content: [{ text: words.slice(0, 16) }] });
    expect(whole.usage.output_tokens).toBe(4);
    const streamed = await client.messages.stream({ ...ask, max_tokens: 4 }).finalMessage();
    expect({ ...streamed, parsed_output: undefined }).toMatchObject({ ...whole, id: expect.any(String) });
  });

  it("stop at a stop sequence, which is not part of the answer", async () => {
    const { client } = await anthropicUnderTest();
    const sequence = words.slice(10, 14);
    const whole = await client.messages.create({ ...ask, stop_sequences: ["never said", sequence] });
    expect(whole).toMatchObject({
      stop_reason: "stop_sequence",
      stop_sequence: sequence,
      content: [{ text: words.slice(0, words.indexOf(sequence)) }],
    });
    expect(whole.usage.output_tokens).toBeLessThan(9);
    const streamed = await client.messages.stream({ ...ask, stop_sequences: [sequence] }).finalMessage();
    expect(streamed.content[0]).toMatchObject({ text: words.slice(0, words.indexOf(sequence)) });
    expect(streamed.stop_sequence).toBe(sequence);
  });

  it("think first when asked to, within the budget and within the tokens", async () => {
    const { client } = await anthropicUnderTest();
    const content = "[sq l deep in=40 cached=0 out=6000] Think.";
    const thinking = { ...ask, max_tokens: 20_000, messages: [{ role: "user" as const, content }] };
    const whole = await client.messages.create({ ...thinking, thinking: { type: "enabled", budget_tokens: 1_024 } });
    expect(whole.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    expect(whole.content[0]).toMatchObject({ signature: expect.stringMatching(/^[A-Za-z0-9+/]{256}$/) });
    expect(whole.usage).toMatchObject({ output_tokens: 6_000, output_tokens_details: { thinking_tokens: 1_024 } });
    const { content: streamed, usage } = await client.messages
      .stream({ ...thinking, thinking: { type: "adaptive", display: "omitted" } })
      .finalMessage();
    expect(streamed[0]).toMatchObject({ type: "thinking", thinking: "", signature: expect.stringMatching(/^.{256}$/) });
    expect(usage.output_tokens_details).toEqual({ thinking_tokens: 3_000 });
  });

  it("call a forced tool with arguments that fit its schema, whole and streamed alike", async () => {
    const { client } = await anthropicUnderTest();
    const forced = {
      ...ask,
      messages: [{ role: "user" as const, content: "weather?" }],
      tools: [weather],
      tool_choice: { type: "tool" as const, name: "get_weather" },
    };
    const whole = await client.messages.create(forced);
    expect(whole.stop_reason).toBe("tool_use");
    const [call] = whole.content;
    expect(call).toMatchObject({ type: "tool_use", name: "get_weather", caller: { type: "direct" } });
    expect(call).toHaveProperty("id", expect.stringMatching(/^toolu_01[1-9A-HJ-NP-Za-km-z]{22}$/));
    if (call?.type === "tool_use") weatherInput.parse(call.input);
    const parts: string[] = [];
    const streamed = await client.messages
      .stream(forced)
      .on("inputJson", (part) => parts.push(part))
      .finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: "tool_use", name: "get_weather" });
    if (streamed.content[0]?.type === "tool_use") weatherInput.parse(streamed.content[0].input);
    expect(parts[0]).toBe("");
    weatherInput.parse(JSON.parse(parts.join("")));
  });

  it("call up to two tools at a time, unless only one may be", async () => {
    const { client } = await anthropicUnderTest();
    const clock = { name: "get_time", input_schema: { type: "object" as const, properties: {} } };
    const names = async (question: number, onlyOne: boolean): Promise<readonly string[]> => {
      const asked = {
        ...ask,
        messages: [{ role: "user" as const, content: `Question ${question}` }],
        tools: [weather, clock],
        tool_choice: { type: "any" as const, disable_parallel_tool_use: onlyOne },
      };
      const { content } = await client.messages.stream(asked).finalMessage();
      const calls = content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
      for (const { name, input } of calls) (name === "get_weather" ? weatherInput : z.strictObject({})).parse(input);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
      return calls.map(({ name }) => name);
    };
    const counts = new Set<number>();
    for (let question = 0; question < 8; question++) {
      const called = await names(question, false);
      expect(new Set(called).size).toBe(called.length);
      counts.add(called.length);
      expect(await names(question, true)).toHaveLength(1);
    }
    expect(counts).toEqual(new Set([1, 2]));
  });

  it("cut a tool call short at max_tokens, and spread it over as many tokens as a marker says", async () => {
    const { client } = await anthropicUnderTest();
    const forced = { ...ask, tools: [weather], tool_choice: { type: "any" as const } };
    const spread = await client.messages.create(forced);
    expect(spread.usage.output_tokens).toBe(9);
    if (spread.content[0]?.type === "tool_use") weatherInput.parse(spread.content[0].input);
    const cut = await client.messages.create({ ...forced, max_tokens: 2 });
    expect(cut).toMatchObject({ stop_reason: "max_tokens", content: [{ type: "tool_use", input: {} }] });
    const parts: string[] = [];
    await client.messages
      .stream({ ...forced, max_tokens: 8 })
      .on("inputJson", (part) => parts.push(part))
      .finalMessage();
    expect(parts.join("")).toMatch(/^\{"city":/);
    expect(() => JSON.parse(parts.join(""))).toThrow(SyntaxError);
  });

  it("carry a conversation with tools to its end", async () => {
    const { client } = await anthropicUnderTest();
    const tools = { ...ask, tools: [weather] };
    const first = await client.messages.create(tools);
    const [call] = first.content;
    if (call?.type !== "tool_use") expect.fail("no tool was called");
    const second = await client.messages.create({
      ...tools,
      messages: [
        ...messages,
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "sunny" }] },
      ],
    });
    expect(second).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text" }] });
    const forbidden = await client.messages.create({ ...tools, tool_choice: { type: "none" } });
    expect(forbidden).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text" }] });
  });

  it("run the SDK's loop of tools to its end", async () => {
    const { client } = await anthropicUnderTest();
    const asked: unknown[] = [];
    const run = betaZodTool({
      name: "get_weather",
      description: "Weather in a city",
      inputSchema: weatherInput,
      run: (input) => {
        asked.push(input);
        return "sunny";
      },
    });
    const last = await client.beta.messages.toolRunner({ model, max_tokens: 100, messages, tools: [run] });
    expect(asked).toHaveLength(1);
    expect(last).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text" }] });
  });

  it("fit the schema of a structured output", async () => {
    const { client } = await anthropicUnderTest();
    const person = z.object({ name: z.string(), age: z.int(), tags: z.array(z.enum(["a", "b"])) });
    const answer = await client.messages.parse({
      ...ask,
      messages: [{ role: "user", content: "who?" }],
      output_config: { format: zodOutputFormat(person) },
    });
    expect(person.safeParse(answer.parsed_output).success).toBe(true);
    expect(answer.stop_reason).toBe("end_turn");
  });

  it("write a long prompt to the cache and read it back", async () => {
    const { client, clientWith, journal } = await anthropicUnderTest();
    const long = answerText("a long system prompt")(0, 6_000);
    const question = (text: string, asker = client): Promise<Record<string, unknown>> =>
      asker.messages
        .create({
          ...ask,
          system: [{ type: "text", text: long, cache_control: { type: "ephemeral" } }],
          messages: [{ role: "user", content: text }],
        })
        .then(({ usage }) => ({ ...usage }));
    const first = await question("one?");
    const written = Number(first["cache_creation_input_tokens"]);
    expect(written).toBeGreaterThan(4_096);
    expect(first).toMatchObject({ cache_read_input_tokens: 0, cache_creation: { ephemeral_5m_input_tokens: written } });
    expect(first["input_tokens"]).toBeLessThan(20);
    expect(await question("two?")).toMatchObject({ cache_read_input_tokens: written, cache_creation_input_tokens: 0 });
    const stranger = clientWith({ apiKey: hourlyApiKey });
    expect(await question("one?", stranger)).toMatchObject({ cache_read_input_tokens: 0 });
    // $1.25 per million tokens to write, $0.10 to read: the second prompt costs less than a tenth.
    const [writing, reading] = (await journal()).map(({ cost, outputTokens }) => cost - outputTokens * 5_000);
    expect(writing).toBe(written * 1_250 + Number(first["input_tokens"]) * 1_000);
    expect(reading).toBeLessThan((writing ?? 0) / 10);
  });

  it("repeat themselves from a seed, and say something else with another", async () => {
    const answer = async (seed: number): Promise<unknown> => {
      const { client } = await anthropicUnderTest({ seed });
      return await client.messages.create({ ...ask, messages: [{ role: "user", content: "no marker" }] });
    };
    expect(await answer(1)).toEqual(await answer(1));
    expect(await answer(2)).not.toEqual(await answer(1));
  });
});

describe("counting tokens through the SDK", () => {
  it("gives what a message then bills, and neither charges nor records anything", async () => {
    const { client, journal } = await anthropicUnderTest();
    const prompt = {
      model,
      system: "Be brief.",
      tools: [weather],
      messages: [{ role: "user" as const, content: "hi" }],
    };
    const counted = await client.messages.countTokens(prompt);
    expect(await journal()).toHaveLength(0);
    const { usage } = await client.messages.create({ ...prompt, max_tokens: 1 });
    expect(counted).toEqual({ input_tokens: usage.input_tokens });
    expect(await client.messages.countTokens({ model, messages })).toEqual({ input_tokens: 40 });
  });
});

describe("models through the SDK", () => {
  it("are listed in pages that follow each other, forwards and backwards", async () => {
    const { client } = await anthropicUnderTest();
    const all = await gathered(client.models.list({ limit: 3 }));
    expect(all.length).toBeGreaterThanOrEqual(8);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all[0]).toMatchObject({
      type: "model",
      id: "claude-haiku-4-5-20251001",
      display_name: "Claude Haiku 4.5",
      line: "haiku",
      lifecycle: "active",
      max_input_tokens: 200_000,
      max_tokens: 64_000,
      created_at: "2025-10-15T00:00:00Z",
    });
    const page = await client.models.list({ limit: 2, before_id: all[5]?.id ?? "" });
    expect(page.data.map(({ id }) => id)).toEqual([all[3]?.id, all[4]?.id]);
    expect(page).toMatchObject({ has_more: true, first_id: all[3]?.id, last_id: all[4]?.id });
  });

  it("are found by alias and by snapshot", async () => {
    const { client } = await anthropicUnderTest();
    const byAlias = await client.models.retrieve("claude-haiku-4-5");
    expect(byAlias.id).toBe("claude-haiku-4-5-20251001");
    expect(await client.models.retrieve(byAlias.id)).toEqual(byAlias);
  });
});
