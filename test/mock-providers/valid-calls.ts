/** A valid call of each dialect, for tests that go through all of them. */
/** Calls that every provider of the default configuration answers, in plain HTTP. */
export const validCalls = [
  {
    provider: "openai",
    path: "/v1/chat/completions",
    body: { model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] },
  },
  { provider: "openai", path: "/v1/embeddings", body: { model: "text-embedding-3-small", input: ["hi"] } },
  {
    provider: "azure-openai",
    path: "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21",
    body: { messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] },
  },
  {
    provider: "anthropic",
    path: "/v1/messages",
    body: { model: "claude-haiku-4-5", max_tokens: 5, messages: [{ role: "user", content: "hi" }], tools: [] },
  },
  {
    provider: "bedrock",
    path: "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
    body: { messages: [{ role: "user", content: [{ text: "hi" }] }], inferenceConfig: { maxTokens: 5 } },
  },
  {
    provider: "gemini",
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    body: { contents: [{ role: "user", parts: [{ text: "hi" }] }], generationConfig: { maxOutputTokens: 5 } },
  },
  {
    provider: "vertex",
    path: "/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent",
    body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
  },
] as const;

/** Every way in which vendors take a key. */
export function headersFor(provider: string, key: string = `sk-squall-${provider}`): Readonly<Record<string, string>> {
  const own = { "api-key": key, "x-api-key": key, "x-goog-api-key": key, "anthropic-version": "2023-06-01" };
  return {
    ...(provider === "anthropic" ? {} : { authorization: `Bearer ${key}` }),
    ...own,
    "content-type": "application/json",
  };
}
