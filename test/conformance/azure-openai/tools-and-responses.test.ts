import { NotFoundError } from "openai";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answerText } from "../../../behavior/prompt.ts";
import { gathered, refusal } from "../openai/client.ts";
import { apiKey, apiVersion, azureUnderTest } from "./client.ts";

const model = "gpt-4o";
const messages = [{ role: "user" as const, content: "What is the weather in Paris?" }];
const City = z.strictObject({ city: z.string(), days: z.number().int() });
const weather = zodFunction({ name: "get_weather", parameters: City });
const input = "[sq l r1 in=40 cached=0 out=30] hello";
const words = answerText("r1")(0, 30);

describe("tools and formats of a deployment", () => {
  it("call with arguments that fit, and carry an empty verdict, for there is no text to judge", async () => {
    const { client, v1 } = await azureUnderTest();
    for (const each of [client, v1]) {
      const whole = await each.chat.completions.create({ model, messages, tools: [weather] });
      expect(whole).toMatchObject({
        choices: [{ finish_reason: "tool_calls", message: { content: null }, content_filter_results: {} }],
        prompt_filter_results: [{ prompt_index: 0 }],
      });
      const streamed = await each.chat.completions.stream({ model, messages, tools: [weather] }).finalChatCompletion();
      const [call] = streamed.choices[0]?.message.tool_calls ?? [];
      City.parse(call?.type === "function" ? JSON.parse(call.function.arguments) : undefined);
    }
  });

  it("answer by a schema", async () => {
    const { client } = await azureUnderTest();
    const request = { model, messages, response_format: zodResponseFormat(City, "city") };
    City.parse((await client.chat.completions.parse(request)).choices[0]?.message.parsed);
  });

  it("think, where the model does, and refuse what it does not take", async () => {
    const { client } = await azureUnderTest();
    const answer = await client.chat.completions.create({ model: "o4-mini", messages, max_completion_tokens: 4_000 });
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
    const refused = await refusal(client.chat.completions.create({ model: "o4-mini", messages, max_tokens: 10 }));
    expect(refused).toMatchObject({ status: 400, code: "unsupported_parameter", param: "max_tokens" });
  });
});

describe("responses of a resource", () => {
  it("are answered on both paths, judged by the content filter, and stored", async () => {
    const { client, v1 } = await azureUnderTest();
    for (const each of [client, v1]) {
      const made = await each.responses.create({ model, input });
      expect(made).toMatchObject({
        status: "completed",
        model: "gpt-4o-2024-08-06",
        output_text: words,
        content_filters: [
          { blocked: false, source_type: "prompt" },
          { blocked: false, source_type: "completion" },
        ],
      });
      expect((await each.responses.retrieve(made.id)).output_text).toBe(words);
      expect(await gathered(each.responses.inputItems.list(made.id))).toHaveLength(1);
      await each.responses.delete(made.id);
      expect(await refusal(each.responses.retrieve(made.id))).toBeInstanceOf(NotFoundError);
    }
  });

  it("satisfy the helper as streams, with tools and with a schema", async () => {
    const { client, v1 } = await azureUnderTest();
    expect((await client.responses.stream({ model, input }).finalResponse()).output_text).toBe(words);
    const tool = {
      type: "function" as const,
      name: "f",
      strict: false,
      parameters: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
    };
    const called = await v1.responses.stream({ model, input: "hi", tools: [tool] }).finalResponse();
    expect(called.output).toMatchObject([{ type: "function_call", name: "f" }]);
    const parsed = await v1.responses.parse({ model, input: "hi", text: { format: zodTextFormat(City, "city") } });
    City.parse(parsed.output_parsed);
  });

  it("know deployments by their names, and need a dated version on the dated path", async () => {
    const { client, endpoint } = await azureUnderTest();
    const unknown = await refusal(client.responses.create({ model: "gpt-0", input: "hi" }));
    expect(unknown).toMatchObject({ status: 404, code: "DeploymentNotFound" });
    const embeds = await refusal(client.responses.create({ model: "text-embedding-3-small", input: "hi" }));
    expect(embeds).toMatchObject({ status: 400, code: "OperationNotSupported" });
    const ask = async (path: string): Promise<number> => {
      const headers = { "api-key": apiKey, "content-type": "application/json" };
      const body = JSON.stringify({ model, input: "hi" });
      return (await fetch(`${endpoint}${path}`, { method: "POST", headers, body })).status;
    };
    expect(await ask("/openai/responses")).toBe(404);
    expect(await ask(`/openai/responses?api-version=${apiVersion}`)).toBe(200);
    expect(await ask(`/openai/deployments/gpt-4o/responses?api-version=${apiVersion}`)).toBe(404);
  });
});
