/** What foreign JSON is taken to say. */
import { describe, expect, it } from "vitest";
import { readChatFacts, readErrorReason } from "../../core/chat-completion.ts";

describe("readChatFacts", () => {
  const chunk = (choice: object, more: object = {}): string => JSON.stringify({ choices: [choice], ...more });
  const nothing = { content: false, finished: false, usage: undefined, error: undefined };

  it.each([
    { why: "the role chunk is not content", json: chunk({ delta: { role: "assistant", content: "" } }), facts: {} },
    {
      why: "text is content",
      json: chunk({ delta: { content: "Hi" }, finish_reason: null }),
      facts: { content: true },
    },
    { why: "a refusal is content", json: chunk({ delta: { refusal: "No" } }), facts: { content: true } },
    { why: "reasoning is content", json: chunk({ delta: { reasoning_content: "Hm" } }), facts: { content: true } },
    {
      why: "reasoning under its other name is content",
      json: chunk({ delta: { reasoning: "Hm" } }),
      facts: { content: true },
    },
    { why: "a tool call is content", json: chunk({ delta: { tool_calls: [{ index: 0 }] } }), facts: { content: true } },
    { why: "no tool calls are no content", json: chunk({ delta: { tool_calls: [] } }), facts: {} },
    { why: "a finish reason finishes", json: chunk({ delta: {}, finish_reason: "stop" }), facts: { finished: true } },
    {
      why: "any of several choices counts",
      json: JSON.stringify({ choices: [{}, { finish_reason: "length" }] }),
      facts: { finished: true },
    },
    {
      why: "text that speaks of a finish reason does not finish",
      json: chunk({ delta: { content: '"finish_reason":"stop"' } }),
      facts: { content: true },
    },
    {
      why: "a whole message is content",
      json: chunk({ message: { content: "Hi" }, finish_reason: "stop" }),
      facts: { content: true, finished: true },
    },
    {
      why: "usage is read with its cached part",
      json: JSON.stringify({
        choices: [],
        usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 5 } },
      }),
      facts: { usage: { inputTokens: 9, cachedTokens: 5, outputTokens: 4 } },
    },
    {
      why: "numbers that are no counts are nought",
      json: JSON.stringify({ usage: { prompt_tokens: -1, completion_tokens: "4" } }),
      facts: { usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0 } },
    },
    { why: "usage null is no usage", json: chunk({}, { usage: null }), facts: {} },
    {
      why: "an error has its code as reason",
      json: '{"error":{"code":"rate_limit_exceeded","type":"tokens"}}',
      facts: { error: "rate_limit_exceeded" },
    },
    {
      why: "an error without words is still an error",
      json: '{"error":"overloaded"}',
      facts: { error: "error-event" },
    },
    { why: "error null is no error", json: chunk({}, { error: null }), facts: {} },
    { why: "JSON of any other shape says nothing", json: "[1]", facts: {} },
    { why: "null says nothing", json: "null", facts: {} },
    { why: "choices of a wrong shape say nothing", json: '{"choices":[null,7,{"delta":"x"}]}', facts: {} },
  ])("$why", ({ json, facts }) => {
    expect(readChatFacts(json)).toEqual({ ...nothing, ...facts });
  });

  it("is undefined for what is not JSON", () => {
    expect(readChatFacts('{"choices":[')).toBeUndefined();
    expect(readChatFacts("")).toBeUndefined();
  });
});

describe("readErrorReason", () => {
  it.each([
    {
      why: "the code",
      body: '{"error":{"code":"invalid_api_key","type":"invalid_request_error"}}',
      reason: "invalid_api_key",
    },
    {
      why: "the type when there is no code",
      body: '{"error":{"code":null,"type":"server_error"}}',
      reason: "server_error",
    },
    {
      why: "not a code that repeats the status",
      body: '{"error":{"code":"503","type":"throttling_error"}}',
      reason: "throttling_error",
    },
    { why: "not a type that says nothing", body: '{"error":{"code":"503","type":"None"}}', reason: "http-503" },
    { why: "the status when the body is a page", body: "<html>bad gateway</html>", reason: "http-503" },
    { why: "the status when there is no body", body: "", reason: "http-503" },
    {
      why: "no more than 64 characters",
      body: JSON.stringify({ error: { code: "x".repeat(999) } }),
      reason: "x".repeat(64),
    },
  ])("tells $why", ({ body, reason }) => {
    expect(readErrorReason(503, body)).toBe(reason);
  });
});
