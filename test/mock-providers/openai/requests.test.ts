import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEmbeddingRequest } from "../../../mock-providers/openai/embeddings.ts";
import { errorBody } from "../../../mock-providers/openai/errors.ts";
import { parseChatRequest } from "../../../mock-providers/openai/chat-request.ts";
import { parseResponseRequest } from "../../../mock-providers/openai/response-request.ts";
import { chatBody } from "../mock-under-test.ts";
import { call, rejected, rejectedParts } from "./rejected-requests.ts";

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

/** What the call counts as, and the tools that it had. */
const said = `{"name":"look","arguments":"{}"}`;
const tools = `[{"type":"function","function":{"name":"look"}}]`;

describe("a chat request", () => {
  it.each([...rejected, ...rejectedParts])(
    "is refused with: $message",
    ({ body, message, param = null, code = null, status = 400 }) => {
      const parsed = parseChatRequest(typeof body === "string" ? body : JSON.stringify(body), undefined);
      expect(parsed).toMatchObject({ ok: false, error: { status, param, code, type: "invalid_request_error" } });
      if (!parsed.ok) expect(parsed.error.message.startsWith(message)).toBe(true);
    },
  );

  it("takes sampling from a model that may think when it does not", () => {
    const body = { ...chatBody("hi"), model: "gpt-5.2", temperature: 0.1, logprobs: true };
    expect(parseChatRequest(JSON.stringify(body)).ok).toBe(true);
    expect(parseChatRequest(JSON.stringify({ ...body, reasoning_effort: "low" })).ok).toBe(false);
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
              { type: "image_url", image_url: { url: "data:" } },
            ],
          },
          { role: "assistant", content: null, tool_calls: [call] },
          { role: "tool", tool_call_id: "call_1", content: "Blue." },
        ],
        stream: true,
        stream_options: { include_usage: true, include_obfuscation: false },
        max_completion_tokens: 50,
        n: 2,
        temperature: 2,
        stop: "x",
        tools: [{ type: "function", function: { name: "look" } }],
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
        reasoning: { effort: undefined, share: 0 },
        toolUse: undefined,
        output: { kind: "words" },
        stopSequences: ["x"],
        logprobs: undefined,
        serviceTier: "default",
        texts: [tools, "Be brief.", "What is this?", said, "Blue."],
        formatTokens: 3 + 4 * 4 + 85,
        characters: tools.length + 22 + said.length + 5,
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
    const parsed = parseEmbeddingRequest(JSON.stringify({ model: "text-embedding-3-small", input }));
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
    const parsed = parseEmbeddingRequest(JSON.stringify(body));
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error.message.startsWith(message)).toBe(true);
  });
});

describe("any body at all", () => {
  it("is either understood or refused with the four keys of the envelope, in ASCII", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        for (const parsed of [
          parseChatRequest(body),
          parseEmbeddingRequest(body),
          parseResponseRequest(body, () => undefined),
        ]) {
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
