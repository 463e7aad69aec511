import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddings } from "../../../mock-providers/openai/embeddings.ts";
import { errorBody } from "../../../mock-providers/openai/errors.ts";
import { parseChatRequest } from "../../../mock-providers/openai/chat-request.ts";
import { chatBody } from "../mock-under-test.ts";

interface Rejected {
  readonly body: unknown;
  readonly message: string;
  readonly param?: string | null;
  readonly code?: string | null;
  readonly status?: number;
}

const hi = chatBody("hi");

/** Bodies that the service refuses, in its own words. */
const rejected: readonly Rejected[] = [
  { body: "{", message: "We could not parse the JSON body of your request." },
  { body: "[]", message: "We could not parse the JSON body of your request." },
  { body: "null", message: "We could not parse the JSON body of your request." },
  { body: {}, message: "you must provide a model parameter" },
  { body: { model: "" }, message: "you must provide a model parameter" },
  {
    body: { model: 7 },
    message: "Invalid type for 'model': expected a string, but got an integer instead.",
    param: "model",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o" },
    message: "Missing required parameter: 'messages'.",
    param: "messages",
    code: "missing_required_parameter",
  },
  {
    body: { model: "gpt-4o", messages: "hi" },
    message: "Invalid type for 'messages': expected an array of objects, but got a string instead.",
    param: "messages",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [] },
    message:
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    param: "messages",
    code: "empty_array",
  },
  {
    body: { model: "gpt-4o", messages: [null] },
    message: "Invalid type for 'messages[0]': expected an object, but got null instead.",
    param: "messages[0]",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [{ content: "hi" }] },
    message: "Missing required parameter: 'messages[0].role'.",
    param: "messages[0].role",
    code: "missing_required_parameter",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "human", content: "hi" }] },
    message:
      "Invalid value: 'human'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
    param: "messages[0].role",
    code: "invalid_value",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user", content: {} }] },
    message:
      "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an object instead.",
    param: "messages[0].content",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user" }] },
    message: "Missing required parameter: 'messages[0].content'.",
    param: "messages[0].content",
    code: "missing_required_parameter",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user", content: ["hi"] }] },
    message: "Invalid type for 'messages[0].content[0]': expected an object, but got a string instead.",
    param: "messages[0].content[0]",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user", content: [{ type: "text" }] }] },
    message: "Missing required parameter: 'messages[0].content[0].text'.",
    param: "messages[0].content[0].text",
    code: "missing_required_parameter",
  },
  {
    body: { ...hi, temperature: 2.5 },
    message: "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
    param: "temperature",
    code: "decimal_above_max_value",
  },
  {
    body: { ...hi, temperature: "warm" },
    message: "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    param: "temperature",
    code: "invalid_type",
  },
  {
    body: { ...hi, top_p: -0.1 },
    message: "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.1 instead.",
    param: "top_p",
    code: "decimal_below_min_value",
  },
  {
    body: { ...hi, max_tokens: 0 },
    message: "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    param: "max_tokens",
    code: "integer_below_min_value",
  },
  {
    body: { ...hi, max_completion_tokens: 1.5 },
    message: "Invalid type for 'max_completion_tokens': expected an integer, but got a decimal instead.",
    param: "max_completion_tokens",
    code: "invalid_type",
  },
  {
    body: { ...hi, max_tokens: 20_480 },
    message:
      "max_tokens is too large: 20480. This model supports at most 16384 completion tokens, whereas you provided 20480.",
    param: "max_tokens",
    code: "invalid_value",
  },
  {
    body: { ...hi, max_tokens: 5, max_completion_tokens: 5 },
    message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
    param: "max_tokens",
    code: "invalid_parameter_combination",
  },
  {
    body: { ...hi, n: 129 },
    message: "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.",
    param: "n",
    code: "integer_above_max_value",
  },
  {
    body: { ...hi, stream: "yes" },
    message: "Invalid type for 'stream': expected a boolean, but got a string instead.",
    param: "stream",
    code: "invalid_type",
  },
  {
    body: { ...hi, stream_options: { include_usage: true } },
    message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    param: "stream_options",
  },
  {
    body: { ...hi, stop: ["a", "b", "c", "d", "e"] },
    message:
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
    param: "stop",
    code: "array_above_max_length",
  },
  {
    body: { ...hi, model: "text-embedding-3-small" },
    message: "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
    param: "model",
    status: 404,
  },
];

/** Anything that a client could send as a body, from noise to nearly right. */
const bodies = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json({ stringUnit: "binary" }),
  fc
    .record(
      {
        model: fc.oneof(fc.constant("gpt-4o-mini"), fc.jsonValue()),
        messages: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record(
              {
                role: fc.oneof(fc.constantFrom("user", "assistant", "system"), fc.jsonValue({ stringUnit: "binary" })),
                content: fc.oneof(
                  fc.string(),
                  fc.jsonValue(),
                  fc.array(fc.record({ type: fc.constantFrom("text", "image_url", "x"), text: fc.jsonValue() })),
                ),
              },
              { requiredKeys: [] },
            ),
          ),
        ),
        input: fc.oneof(fc.string(), fc.jsonValue(), fc.array(fc.array(fc.integer()))),
        max_tokens: fc.jsonValue(),
        n: fc.jsonValue(),
        stop: fc.jsonValue(),
        stream: fc.jsonValue(),
        stream_options: fc.jsonValue(),
        temperature: fc.jsonValue(),
        dimensions: fc.jsonValue(),
        encoding_format: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((body) => JSON.stringify(body)),
);

describe("a chat request", () => {
  it.each(rejected)("is refused with: $message", ({ body, message, param = null, code = null, status = 400 }) => {
    const parsed = parseChatRequest(typeof body === "string" ? body : JSON.stringify(body), undefined);
    expect(parsed).toMatchObject({ ok: false, error: { status, param, code, type: "invalid_request_error" } });
    if (!parsed.ok) expect(parsed.error.message.startsWith(message)).toBe(true);
  });

  it("is read: what is asked for, the text in order, the tokens of the format", () => {
    const parsed = parseChatRequest(
      JSON.stringify({
        model: "gpt-4o",
        messages: [
          { role: "system", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "What is this?" },
              { type: "image_url", image_url: {} },
            ],
          },
          { role: "assistant", content: null, tool_calls: [{}] },
        ],
        stream: true,
        stream_options: { include_usage: true, include_obfuscation: false },
        max_completion_tokens: 50,
        n: 2,
        temperature: 2,
        stop: "x",
        tools: [{ type: "function" }],
        response_format: { type: "json_object" },
        unheard_of: 1,
      }),
      undefined,
    );
    expect(parsed).toEqual({
      ok: true,
      request: {
        model: "gpt-4o",
        stream: true,
        includeUsage: true,
        obfuscation: false,
        choices: 2,
        maxOutputTokens: 50,
        texts: ["Be brief.", "What is this?"],
        formatTokens: 3 + 3 * 4 + 85,
        characters: 22,
      },
    });
  });
});

describe("an embedding request", () => {
  it.each([
    { input: "one", texts: ["one"], characters: 3, tokens: 0, vectors: 1 },
    { input: ["one", "three"], texts: ["one", "three"], characters: 8, tokens: 0, vectors: 2 },
    { input: [1, 2, 3], texts: [], characters: 12, tokens: 3, vectors: 1 },
    { input: [[1, 2], [3]], texts: [], characters: 12, tokens: 3, vectors: 2 },
  ])("is read: $input", ({ input, texts, characters, tokens, vectors }) => {
    const parsed = embeddings.parse(JSON.stringify({ model: "text-embedding-3-small", input }), undefined);
    expect(parsed).toMatchObject({ ok: true, request: { texts, characters, formatTokens: tokens, format: "float" } });
    if (parsed.ok) expect(parsed.request.inputs).toHaveLength(vectors);
  });

  it.each([
    { body: { input: "x" }, message: "you must provide a model parameter" },
    { body: { model: "text-embedding-3-small" }, message: "Missing required parameter: 'input'." },
    { body: { model: "text-embedding-3-small", input: "" }, message: "'$.input' is invalid." },
    { body: { model: "text-embedding-3-small", input: [] }, message: "'$.input' is invalid." },
    { body: { model: "text-embedding-3-small", input: ["a", 1] }, message: "'$.input' is invalid." },
    { body: { model: "text-embedding-3-small", input: [[1.5]] }, message: "'$.input' is invalid." },
    { body: { model: "text-embedding-3-small", input: "x", dimensions: 1_537 }, message: "Invalid 'dimensions'" },
    { body: { model: "text-embedding-3-small", input: "x", encoding_format: "hex" }, message: "Invalid value: 'hex'." },
    { body: { model: "gpt-4o", input: "x" }, message: "You are not allowed to generate embeddings from this model" },
  ])("is refused with: $message", ({ body, message }) => {
    const parsed = embeddings.parse(JSON.stringify(body), undefined);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error.message.startsWith(message)).toBe(true);
  });
});

describe("any body at all", () => {
  it("is either understood or refused with the four keys of the envelope, in ASCII", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        for (const parsed of [parseChatRequest(body, undefined), embeddings.parse(body, undefined)]) {
          if (parsed.ok) {
            expect(parsed.request.model.length).toBeLessThanOrEqual(256);
            continue;
          }
          expect(parsed.error.status).toBeGreaterThanOrEqual(400);
          const text = errorBody(parsed.error);
          expect(text).toMatch(/^[\x20-\x7e\n]*$/);
          const { error } = JSON.parse(text) as { readonly error: object };
          expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
        }
      }),
      { seed: 31, numRuns: 2_000 },
    );
  });
});
