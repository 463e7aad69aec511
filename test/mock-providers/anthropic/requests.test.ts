import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type MessageRequest,
  parseMessageRequest,
  type ReadingRules,
} from "../../../mock-providers/anthropic/message-request.ts";

const now: ReadingRules = { version: "2026-10-21", beta: false, endpoint: "messages" };
const before: ReadingRules = { ...now, version: "2023-06-01" };
const counting: ReadingRules = { ...now, endpoint: "count_tokens" };

const hi = { model: "claude-haiku-4-5", max_tokens: 10, messages: [{ role: "user", content: "hi" }] };
const tool = { name: "f", input_schema: { type: "object" } };
const cached = { type: "text", text: "x", cache_control: { type: "ephemeral" } };
const user = (...content: object[]): object => ({ role: "user", content });
const assistant = (...content: object[]): object => ({ role: "assistant", content });
const use = (id: string): object => ({ type: "tool_use", id, name: "f", input: {} });
const result = (id: string): object => ({ type: "tool_result", tool_use_id: id, content: "done" });
const asked = { role: "user", content: "hi" };

interface Rejected {
  readonly body: unknown;
  readonly message: string | RegExp;
  readonly rules?: ReadingRules;
}

/** Bodies that the service refuses, in its own words. */
const rejected: readonly Rejected[] = [
  { body: "{", message: "The request body is not valid JSON." },
  { body: "[]", message: "The request body is not valid JSON." },
  { body: {}, message: "model: Field required" },
  { body: { ...hi, model: 7 }, message: "model: Input should be a valid string" },
  { body: { model: "m", max_tokens: 1 }, message: "messages: Field required" },
  { body: { ...hi, max_tokens: undefined }, message: "max_tokens: Field required" },
  { body: { ...hi, max_tokens: "10" }, message: "max_tokens: Input should be a valid integer" },
  { body: { ...hi, max_tokens: 0 }, message: "max_tokens: Input should be greater than or equal to 1" },
  {
    body: { ...hi, max_tokens: 64_001 },
    message:
      "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5-20251001",
  },
  { body: { ...hi, stream: "yes" }, message: "stream: Input should be a valid boolean" },
  { body: { ...hi, response_format: {} }, message: "response_format: Extra inputs are not permitted" },
  { body: { ...hi, max_tokens: 10 }, rules: counting, message: "max_tokens: Extra inputs are not permitted" },
  { body: { ...hi, stop_sequences: ["a", 7] }, message: "stop_sequences.1: Input should be a valid string" },
  { body: { ...hi, stop_sequences: [" "] }, message: "stop_sequences: each stop sequence must contain non-whitespace" },
  // Sampling parameters: gone with the version, gone with the model, out of range.
  { body: { ...hi, temperature: 1 }, message: "temperature: Extra inputs are not permitted" },
  { body: { ...hi, top_k: 5 }, message: "top_k: Extra inputs are not permitted" },
  { body: { ...hi, temperature: 1.2 }, rules: before, message: "temperature: range: 0..1" },
  { body: { ...hi, top_p: -0.1 }, rules: before, message: "top_p: range: 0..1" },
  { body: { ...hi, temperature: "hot" }, rules: before, message: "temperature: Input should be a valid number" },
  {
    body: { ...hi, model: "claude-opus-4-8", temperature: 0.2 },
    rules: before,
    message: "`temperature` is deprecated for this model.",
  },
  // Messages.
  { body: { ...hi, messages: "hi" }, message: "messages: Input should be a valid list" },
  { body: { ...hi, messages: [] }, message: "messages: at least one message is required" },
  { body: { ...hi, messages: ["hi"] }, message: "messages.0: Input should be a valid dictionary" },
  { body: { ...hi, messages: [{ content: "hi" }] }, message: "messages.0.role: Field required" },
  {
    body: { ...hi, messages: [{ role: "human", content: "hi" }] },
    message: "messages.0.role: Input should be 'user', 'assistant' or 'system'",
  },
  { body: { ...hi, messages: [{ role: "user" }] }, message: "messages.0.content: Field required" },
  {
    body: { ...hi, messages: [{ ...asked, name: "Init" }] },
    message: "messages.0.name: Extra inputs are not permitted",
  },
  {
    body: { ...hi, messages: [asked, { role: "assistant", content: "" }, asked] },
    message: "messages.1: all messages must have non-empty content except for the optional final assistant message",
  },
  {
    body: { ...hi, messages: [user({ type: "text", text: "" })] },
    message: "messages: text content blocks must be non-empty",
  },
  { body: { ...hi, messages: [user({ type: "text" })] }, message: "messages.0.content.0.text.text: Field required" },
  { body: { ...hi, messages: [user({ text: "x" })] }, message: "messages.0.content.0.type: Field required" },
  {
    body: { ...hi, messages: [user({ type: "image_url" })] },
    message:
      /^messages\.0\.content\.0: Input tag 'image_url' found using 'type' does not match any of the expected tags: 'bash/,
  },
  {
    body: { ...hi, messages: [{ role: "assistant", content: "hi" }] },
    message: `messages: first message must use the "user" role`,
  },
  {
    body: { ...hi, model: "claude-opus-4-6", messages: [asked, { role: "assistant", content: "{" }] },
    message: "Prefilling assistant messages is not supported for this model.",
  },
  {
    body: { ...hi, messages: [asked, { role: "assistant", content: "So: " }] },
    message: "messages: final assistant content cannot end with trailing whitespace",
  },
  {
    body: { ...hi, messages: [asked, assistant({ type: "text", text: "So:\n" })] },
    message: "messages: final assistant content cannot end with trailing whitespace",
  },
  { body: { ...hi, metadata: { user_id: 7 } }, message: "metadata.user_id: Input should be a valid string" },
  { body: { ...hi, speed: "warp" }, message: "speed: Input should be 'standard' or 'fast'" },
  {
    body: { ...hi, output_config: { effort: "most" } },
    message: "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
  },
  {
    body: { ...hi, thinking: { type: "adaptive", display: "all" } },
    message: "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
  },
  { body: { ...hi, service_tier: "gold" }, message: "service_tier: Input should be 'auto' or 'standard_only'" },
  // What the later version no longer takes.
  {
    body: { ...hi, messages: [asked, assistant({ type: "document", source: {} }), asked] },
    message: "messages.1.content.0: `document` blocks are not permitted in `assistant` messages",
  },
  {
    body: { ...hi, messages: [user({ type: "text", text: "x", citations: [{}] })] },
    message: "messages.0.content.0.text.citations: `citations` are not permitted in `user` messages",
  },
  // Tools.
  { body: { ...hi, tools: {} }, message: "tools: Input should be a valid list" },
  { body: { ...hi, tools: [{ input_schema: {} }] }, message: "tools.0.custom.name: Field required" },
  {
    body: { ...hi, tools: [{ ...tool, name: "get weather" }] },
    message: "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
  },
  { body: { ...hi, tools: [{ name: "f" }] }, message: "tools.0.custom.input_schema: Field required" },
  {
    body: { ...hi, tools: [{ name: "f", input_schema: {} }] },
    message: "tools.0.custom.input_schema.type: Field required",
  },
  { body: { ...hi, tools: [tool, tool] }, message: "tools: Tool names must be unique." },
  {
    body: { ...hi, tool_choice: { type: "auto" } },
    message: "tool_choice may only be specified while providing tools",
  },
  {
    body: { ...hi, tools: [tool], tool_choice: { type: "required" } },
    message: "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'",
  },
  {
    body: { ...hi, tools: [tool], tool_choice: { type: "tool", name: "g" } },
    message: "Tool 'g' not found in provided tools",
  },
  {
    body: { ...hi, messages: [asked, assistant(use("a"), use("b")), user(result("a"))] },
    message:
      "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
  },
  {
    body: {
      ...hi,
      messages: [
        asked,
        assistant(use("a")),
        user(result("a")),
        assistant({ type: "text", text: "x" }),
        user(result("a")),
      ],
    },
    message:
      "messages.4.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
  },
  // Thinking, structured output, caching.
  {
    body: { ...hi, thinking: { type: "on" } },
    message: "thinking.type: Input should be 'adaptive', 'between_tools', 'disabled' or 'enabled'",
  },
  { body: { ...hi, thinking: { type: "enabled" } }, message: "thinking.enabled.budget_tokens: Field required" },
  {
    body: { ...hi, thinking: { type: "enabled", budget_tokens: 1_000 } },
    message: "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
  },
  {
    body: { ...hi, max_tokens: 1_024, thinking: { type: "enabled", budget_tokens: 1_024 } },
    message: /^`max_tokens` must be greater than `thinking\.budget_tokens`\./,
  },
  {
    body: { ...hi, tools: [tool], tool_choice: { type: "any" }, thinking: { type: "adaptive" } },
    message: "Thinking may not be enabled when tool_choice forces tool use.",
  },
  {
    body: { ...hi, output_config: { format: { type: "json" } } },
    message: "output_config.format.type: Input should be 'json_schema'",
  },
  {
    body: { ...hi, output_config: { format: { type: "json_schema" } } },
    message: "output_config.format.schema: Field required",
  },
  {
    body: { ...hi, messages: [user(cached, cached, cached, cached, cached)] },
    message: "A maximum of 4 blocks with cache_control may be provided. Found 5.",
  },
  {
    body: { ...hi, system: [{ ...cached, cache_control: { type: "ephemeral", ttl: "2h" } }] },
    message: "system.0.cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
  },
];

function read(body: unknown, rules: ReadingRules = now): MessageRequest {
  const parsed = parseMessageRequest(JSON.stringify(body), rules);
  if (!parsed.ok) expect.fail(parsed.error.message);
  return parsed.request;
}

describe("a messages request", () => {
  it.each(rejected)("is refused with $message", ({ body, message, rules = now }) => {
    const parsed = parseMessageRequest(typeof body === "string" ? body : JSON.stringify(body), rules);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.error).toMatchObject({ status: 400, type: "invalid_request_error", shouldRetry: false });
    if (typeof message === "string") expect(parsed.error.message).toBe(message);
    else expect(parsed.error.message).toMatch(message);
  });

  it("may be all that the older version took", () => {
    const older = { ...hi, temperature: 1, top_p: 0.9, top_k: 40 };
    expect(read(older, before)).toMatchObject({ model: "claude-haiku-4-5", maxOutputTokens: 10, stream: false });
    read({ ...hi, messages: [asked, assistant({ type: "document", source: {} }), asked] }, before);
    read({ ...hi, messages: [user({ type: "text", text: "x", citations: [{}] })] }, before);
    read({ ...hi, messages: [user({ type: "text", text: "x", citations: [] })] });
  });

  it("may carry fields of a beta that it names", () => {
    read({ ...hi, context_management: {} }, { ...now, beta: true });
  });

  it("may say several things in a row, and end with what the answer goes on from", () => {
    read({ ...hi, messages: [asked, asked, { role: "assistant", content: "Well," }] });
    read({ ...hi, messages: [asked, assistant(use("a")), assistant(use("b")), user(result("a")), user(result("b"))] });
    read({ ...hi, messages: [{ role: "system", content: "Be brief." }, asked] });
  });

  it("gathers the prompt: messages first for the marker, tools first for the cache", () => {
    const request = read({
      ...hi,
      system: "Be brief.",
      tools: [tool],
      messages: [user({ type: "text", text: "one" }, cached)],
    });
    expect(request.texts.slice(0, 3)).toEqual(["one", "x", "Be brief."]);
    expect(request.blocks.map(({ text }) => text)).toEqual([JSON.stringify(tool), "Be brief.", "one", "x"]);
    expect(request.blocks.map(({ cacheForMs }) => cacheForMs)).toEqual([undefined, undefined, undefined, 300_000]);
    expect(request.characters).toBe(request.texts.join("").length);
  });

  it("counts what its format adds: per message, per picture, for tools, more for tools that are free to use", () => {
    const tokens = (more: object): number => read({ ...hi, ...more }).formatTokens;
    expect(tokens({})).toBe(7);
    expect(tokens({ messages: [asked, asked] })).toBe(11);
    expect(tokens({ messages: [user({ type: "image", source: {} })] })).toBe(1_607);
    expect(tokens({ tools: [tool] })).toBe(7 + 346);
    expect(tokens({ tools: [tool], tool_choice: { type: "any" } })).toBe(7 + 313);
  });

  it("puts the breakpoint of the whole request on its last block", () => {
    const request = read({ ...hi, cache_control: { type: "ephemeral", ttl: "1h" }, messages: [asked, asked] });
    expect(request.blocks.map(({ cacheForMs }) => cacheForMs)).toEqual([undefined, 3_600_000]);
  });

  it("never breaks the reader, whatever is in it", () => {
    const names = [
      "model",
      "max_tokens",
      "messages",
      "system",
      "tools",
      "tool_choice",
      "thinking",
      "output_config",
      "cache_control",
      "stop_sequences",
    ];
    const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constant("claude-haiku-4-5"), fc.constant(hi.messages));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (body) => {
        expect(parseMessageRequest(JSON.stringify(body), now).ok).toBeTypeOf("boolean");
      }),
      { seed: 20_261_121, numRuns: 500 },
    );
  });
});
