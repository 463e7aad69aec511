import { createServer } from "node:http";
import type Anthropic from "@anthropic-ai/sdk";
import { APIError } from "@anthropic-ai/sdk";
import { describe, expect, it, onTestFinished } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import type { ResponsePlan } from "../../../behavior/provider.ts";
import { errorEvent, messageStream } from "../../../mock-providers/anthropic/message-answer.ts";
import { anthropicUnderTest, apiKey, gathered, refusal } from "./client.ts";

const model = "claude-haiku-4-5";

function ask(content: string): Anthropic.MessageCreateParamsNonStreaming {
  return { model, max_tokens: 1_000, messages: [{ role: "user", content }] };
}

const marked = ask("[sq l c1 in=40 cached=12 out=3] What is a token?");
const words = answerText("c1")(0, 3);

describe("streams through the SDK", () => {
  it("bring their events in order, usage first and last", async () => {
    const { client } = await anthropicUnderTest();
    const events = await gathered(await client.messages.create({ ...marked, stream: true }));
    expect(events.map(({ type }) => type)).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    const [start, ...rest] = events;
    expect(start).toMatchObject({
      message: {
        content: [],
        stop_reason: null,
        usage: { input_tokens: 28, cache_read_input_tokens: 12, output_tokens: 1 },
      },
    });
    const deltas = rest.flatMap((event) =>
      event.type === "content_block_delta" && event.delta.type === "text_delta" ? [event.delta.text] : [],
    );
    expect(deltas.join("")).toBe(words);
    expect(rest.at(-2)).toEqual({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null },
      usage: {
        input_tokens: 28,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 12,
        output_tokens: 3,
        output_tokens_details: { thinking_tokens: 0 },
        server_tool_use: null,
      },
    });
  });

  it("name every event, and ping after the first block has started, on the wire", async () => {
    const { post } = await anthropicUnderTest();
    const response = await post(
      "/v1/messages",
      { ...marked, stream: true },
      { "x-api-key": apiKey, "anthropic-version": "2023-06-01" },
    );
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const blocks = (await response.text()).split("\n\n");
    expect(blocks.pop()).toBe("");
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      expect(JSON.parse(data ?? "")).toMatchObject({ type: name });
    }
    expect(blocks.slice(0, 3).map((block) => block.split("\n")[0])).toEqual([
      "event: message_start",
      "event: content_block_start",
      "event: ping",
    ]);
  });

  it("satisfy the helper, which checks every step, with thoughts and a signature", async () => {
    const { client } = await anthropicUnderTest();
    const thought: string[] = [];
    const said: string[] = [];
    const request = { ...ask("[sq l t in=40 cached=0 out=40] Think."), thinking: { type: "adaptive" as const } };
    const stream = client.messages
      .stream(request)
      .on("thinking", (delta) => thought.push(delta))
      .on("text", (delta) => said.push(delta));
    const message = await stream.finalMessage();
    expect(message.content).toMatchObject([
      { type: "thinking", thinking: thought.join(""), signature: expect.stringMatching(/^.{256}$/) },
      { type: "text", text: said.join("") },
    ]);
    expect(said.join("")).toBe(answerText("t")(0, 20));
    expect(stream.request_id).toMatch(/^req_/);
  });

  it("stay whole when twenty run at once", async () => {
    const { client } = await anthropicUnderTest({ latencyScale: 0.05 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        client.messages.stream(ask(`[sq l p${index} in=10 cached=0 out=${30 + index}] x`)).finalMessage(),
      ),
    );
    for (const [index, answer] of answers.entries()) {
      expect(answer.content[0]).toMatchObject({ text: answerText(`p${index}`)(0, 30 + index) });
      expect(answer.usage.output_tokens).toBe(30 + index);
    }
    expect(new Set(answers.map(({ id }) => id)).size).toBe(20);
  });

  it("stop when the client aborts, and the journal knows what it cost", async () => {
    const { client, journal } = await anthropicUnderTest({ latencyScale: 0.5 });
    const stream = client.messages.stream(ask("[sq l gone in=10 cached=0 out=500] x"));
    let deltas = 0;
    for await (const event of stream) {
      if (event.type === "content_block_delta") deltas++;
      if (deltas === 3) break;
    }
    await expect.poll(() => journal()).toHaveLength(1);
    const [entry] = await journal();
    expect(entry).toMatchObject({ key: "gone", outcome: "aborted", reason: "client_left", stream: true });
    expect(entry?.outputTokens).toBeLessThan(500);
    expect(entry?.cost).toBeGreaterThan(0);
  });

  it("report an error in the middle as an APIError that names its type", async () => {
    const facts = {
      id: "msg_01",
      start: 1,
      model,
      content: {
        blocks: [{ kind: "text" as const, tokens: 9, text: answerText("c1") }],
        outputTokens: 9,
        stopReason: "end_turn" as const,
        stopSequence: null,
      },
      inputTokens: 10,
      cache: { read: 0, written5m: 0, written1h: 0 },
    };
    const written = messageStream(facts, { ...instantly, outputTokens: 9, chunks: 9 });
    const baseURL = await serving(written.head() + written.content(0, 2) + errorEvent(529, "req_1"));
    const texts: string[] = [];
    const { clientWith } = await anthropicUnderTest();
    const stream = clientWith({ baseURL, maxRetries: 3 }).messages.stream(marked);
    stream.on("text", (text) => texts.push(text));
    const error = await refusal(stream.finalMessage());
    expect(texts.join("")).toBe(answerText("c1")(0, 2));
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: undefined, type: "overloaded_error", error: { request_id: "req_1" } });
  });
});

const instantly: ResponsePlan = {
  ttftMs: 0,
  chunks: 1,
  chunkAtMs: () => 0,
  totalMs: 0,
  outputTokens: 1,
  finish: "stop",
};

/** A server that answers everything with this stream. */
async function serving(text: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `http://127.0.0.1:${address.port}`;
}
