/** One streamed call through each vendor's own SDK, and what its user sees of it. */
import { ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { type AnthropicUnderTest, anthropicUnderTest } from "../anthropic/client.ts";
import { azureUnderTest } from "../azure-openai/client.ts";
import { bedrockUnderTest, said } from "../bedrock/client.ts";
import { geminiUnderTest, textModel } from "../gemini/client.ts";
import { openAiUnderTest } from "../openai/client.ts";
import { type VertexUnderTest, vertexUnderTest } from "../vertex/client.ts";
import type { MockUnderTest } from "../../mock-providers/mock-under-test.ts";

/** A prompt of 40 tokens for an answer of 120: some events of every dialect. `key`: names the words of the answer. */
function promptOf(key: string): string {
  return `[sq l ${key} in=40 cached=0 out=120] Could you tell me`;
}

/** What the user of an SDK has when a stream is over. */
export interface Seen {
  /** Pieces of text that came. */
  readonly pieces: number;
  readonly text: string;
  readonly finish: string | undefined;
  readonly outputTokens: number | undefined;
  /** What the SDK threw; undefined: nothing. */
  readonly error: unknown;
}

export interface Caller {
  readonly mock: MockUnderTest;
  readonly provider: string;
  /** `key`: of the request; `k1` unless given. */
  readonly stream: (key?: string) => Promise<Seen>;
}

/** What one event of a stream says. */
interface Said {
  readonly text?: string | null | undefined;
  readonly finish?: string | null | undefined;
  readonly outputTokens?: number | undefined;
}

async function seen<Event>(
  open: () => PromiseLike<AsyncIterable<Event> | undefined>,
  read: (event: Event) => Said,
): Promise<Seen> {
  let pieces = 0;
  let text = "";
  let finish: string | undefined;
  let outputTokens: number | undefined;
  try {
    for await (const event of (await open()) ?? []) {
      const part = read(event);
      if (part.text !== undefined && part.text !== null && part.text !== "") pieces += 1;
      text += part.text ?? "";
      finish = part.finish ?? finish;
      outputTokens = part.outputTokens ?? outputTokens;
    }
    return { pieces, text, finish, outputTokens, error: undefined };
  } catch (error) {
    return { pieces, text, finish, outputTokens, error };
  }
}

export const callers: Readonly<Record<string, () => Promise<Caller>>> = {
  openai: async () => {
    const mock = await openAiUnderTest();
    return { mock, provider: "openai", stream: (key) => openAiStream(mock.client, "gpt-4o-mini", key) };
  },
  "azure-openai": async () => {
    const mock = await azureUnderTest();
    return { mock, provider: "azure-openai", stream: (key) => openAiStream(mock.v1, "gpt-4o", key) };
  },
  anthropic: async () => {
    const mock = await anthropicUnderTest();
    return { mock, provider: "anthropic", stream: (key) => anthropicStream(mock.client, "claude-haiku-4-5", key) };
  },
  "claude on vertex": async () => {
    const mock = await vertexUnderTest();
    return { mock, provider: "vertex", stream: (key) => anthropicStream(mock.claude, "claude-sonnet-4-6", key) };
  },
  bedrock: async () => {
    const mock = await bedrockUnderTest();
    const stream = (key?: string): Promise<Seen> =>
      seen(
        async () => (await mock.client.send(new ConverseStreamCommand(said(promptOf(key ?? "k1"))))).stream,
        ({ contentBlockDelta, messageStop, metadata }) => ({
          text: contentBlockDelta?.delta?.text,
          finish: messageStop?.stopReason,
          outputTokens: metadata?.usage?.outputTokens,
        }),
      );
    return { mock, provider: "bedrock", stream };
  },
  gemini: async () => {
    const mock = await geminiUnderTest();
    return { mock, provider: "gemini", stream: (key) => googleStream(mock.client, key) };
  },
  vertex: async () => {
    const mock = await vertexUnderTest();
    return { mock, provider: "vertex", stream: (key) => googleStream(mock.client, key) };
  },
};

function openAiStream(
  client: Awaited<ReturnType<typeof openAiUnderTest>>["client"],
  model: string,
  key: string = "k1",
): Promise<Seen> {
  const messages = [{ role: "user" as const, content: promptOf(key) }];
  return seen(
    () => client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } }),
    ({ choices: [choice], usage }) => ({
      text: choice?.delta.content,
      finish: choice?.finish_reason,
      outputTokens: usage?.completion_tokens,
    }),
  );
}

function anthropicStream(
  client: AnthropicUnderTest["client"] | VertexUnderTest["claude"],
  model: string,
  key: string = "k1",
): Promise<Seen> {
  const messages = [{ role: "user" as const, content: promptOf(key) }];
  return seen(
    () => client.messages.create({ model, max_tokens: 1_000, messages, stream: true }),
    (event) => {
      if (event.type === "content_block_delta")
        return { text: event.delta.type === "text_delta" ? event.delta.text : undefined };
      if (event.type !== "message_delta") return {};
      return { finish: event.delta.stop_reason, outputTokens: event.usage.output_tokens };
    },
  );
}

function googleStream(
  client: Awaited<ReturnType<typeof geminiUnderTest>>["client"],
  key: string = "k1",
): Promise<Seen> {
  return seen(
    () => client.models.generateContentStream({ model: textModel, contents: promptOf(key) }),
    ({ text, candidates, usageMetadata }) => ({
      text,
      finish: candidates?.[0]?.finishReason,
      outputTokens: usageMetadata?.candidatesTokenCount,
    }),
  );
}
