import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { parent, tightToken, vertexUnderTest } from "./client.ts";

const model = "claude-sonnet-4-6";
const messages = [{ role: "user" as const, content: "[sq l c1 in=40 cached=0 out=30] What is a token?" }];
const words = answerText("c1")(0, 30);

describe("Claude through Anthropic's SDK for Vertex AI", () => {
  it("answers whole and streamed, with an id that says who resells it", async () => {
    const { claude } = await vertexUnderTest();
    const whole = await claude.messages.create({ model, max_tokens: 100, messages });
    expect(whole.content).toMatchObject([{ type: "text", text: words }]);
    expect(whole.id).toMatch(/^msg_vrtx_01\w{22}$/);
    expect(whole.usage).toMatchObject({ input_tokens: 40, output_tokens: 30 });
    const streamed = await claude.messages.stream({ model, max_tokens: 10, messages }).finalMessage();
    expect(streamed).toMatchObject({ stop_reason: "max_tokens", content: [{ text: words.slice(0, 40) }] });
  });

  it("takes a version with its name, and counts tokens", async () => {
    const { claude } = await vertexUnderTest();
    const answer = await claude.messages.create({ model: `${model}@20250929`, max_tokens: 100, messages });
    expect(answer.content).toMatchObject([{ text: words }]);
    expect(await claude.messages.countTokens({ model, messages })).toEqual({ input_tokens: 40 });
  });

  it("is refused by Google's front end in its words, by the model in Anthropic's", async () => {
    const { claude, claudeFor } = await vertexUnderTest();
    const ask = { model, max_tokens: 5, messages };
    await expect(claudeFor("guess").messages.create(ask)).rejects.toThrow(Anthropic.AuthenticationError);
    await expect(claude.messages.create({ ...ask, model: "claude-0" })).rejects.toThrow(
      /Publisher Model `projects\/p1\/.*claude-0`/,
    );
    const wrong = claude.messages.create({ ...ask, max_tokens: -1 });
    await expect(wrong).rejects.toThrow(Anthropic.BadRequestError);
    await expect(wrong).rejects.toMatchObject({ error: { type: "error", error: { type: "invalid_request_error" } } });
    const tight = claudeFor(tightToken);
    for (let call = 0; call < 3; call++) await tight.messages.create(ask);
    const limited = tight.messages.create(ask);
    await expect(limited).rejects.toThrow(Anthropic.RateLimitError);
    await expect(limited).rejects.toMatchObject({ error: { error: { status: "RESOURCE_EXHAUSTED" } } });
  });

  it("wants to know its version, and no other publisher's models", async () => {
    const { post } = await vertexUnderTest();
    const body = { max_tokens: 5, messages, anthropic_version: "vertex-2023-10-16" };
    expect((await post(`anthropic/models/${model}:rawPredict`, body)).status).toBe(200);
    const { anthropic_version: _version, ...without } = body;
    const refused = await post(`anthropic/models/${model}:rawPredict`, without);
    expect(await refused.json()).toMatchObject({
      error: { type: "invalid_request_error", message: "anthropic_version: Field required" },
    });
    for (const path of [
      "anthropic/models/gemini-2.5-flash:rawPredict",
      `google/models/${model}:generateContent`,
      `mistral/models/${model}:rawPredict`,
    ]) {
      const response = await post(path, body);
      expect(await response.json(), path).toMatchObject({
        error: { code: 404, message: expect.stringContaining(`\`${parent}/publishers/`) },
      });
    }
  });
});
