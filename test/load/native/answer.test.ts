/** When an answer is whole, and what it is called when it is not. */
import { describe, expect, it } from "vitest";
import { answerBytesMax, AnswerReader, errorBodyBytesMax } from "../../../load/native/answer.ts";

const word = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: null }] })}\n\n`;
const finish = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n';
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}\n\n';
const done = "data: [DONE]\n\n";
const eventStream = "text/event-stream; charset=utf-8";

function streamed(text: string, status = 200, contentType = eventStream): AnswerReader {
  const answer = new AnswerReader(true);
  answer.head(status, contentType);
  expect(answer.bytes(Buffer.from(text), 1)).toBeUndefined();
  return answer;
}

function whole(body: string, status = 200): AnswerReader {
  const answer = new AnswerReader(false);
  answer.head(status, "application/json");
  expect(answer.bytes(Buffer.from(body), 1)).toBeUndefined();
  return answer;
}

describe("a streamed answer", () => {
  it.each([
    { why: "is whole with a finish reason and [DONE]", text: word("a") + finish + done, outcome: "ok", reason: "" },
    { why: "is whole without [DONE]", text: word("a") + finish, outcome: "ok", reason: "" },
    { why: "is whole without content", text: finish, outcome: "ok", reason: "" },
    {
      why: "is cut when it ends in order without a finish reason",
      text: word("a"),
      outcome: "cut-stream",
      reason: "no-finish-reason",
    },
    {
      why: "is cut when [DONE] comes without a finish reason",
      text: word("a") + done,
      outcome: "cut-stream",
      reason: "no-finish-reason",
    },
    { why: "is cut when nothing comes at all", text: "", outcome: "cut-stream", reason: "no-finish-reason" },
    {
      why: "is read to its last event without a blank line",
      text: word("a") + finish.trimEnd(),
      outcome: "ok",
      reason: "",
    },
    {
      why: "is malformed when its last event is torn",
      text: `${word("a")}data: {"choices":[`,
      outcome: "malformed",
      reason: "invalid-json",
    },
  ])("$why", ({ text, outcome, reason }) => {
    expect(streamed(text).end(2)).toEqual({ outcome, reason });
  });

  it.each([
    {
      why: "an error event",
      text: 'data: {"error":{"message":"busy","code":"server_is_overloaded"}}\n\n',
      outcome: "cut-stream",
      reason: "server_is_overloaded",
    },
    {
      why: "an event that is called error",
      text: "event: error\ndata: {}\n\n",
      outcome: "cut-stream",
      reason: "error-event",
    },
    {
      why: "an event called error that is not JSON",
      text: "event: error\ndata: gone\n\n",
      outcome: "cut-stream",
      reason: "error-event",
    },
    { why: "an event that is not JSON", text: 'data: {"choices"\n\n', outcome: "malformed", reason: "invalid-json" },
  ])("fails at once at $why, even after a finish reason", ({ text, outcome, reason }) => {
    const answer = streamed(word("a") + finish);
    expect(answer.bytes(Buffer.from(text), 2)).toEqual({ outcome, reason });
    expect(answer.end(3)).toEqual({ outcome, reason });
  });

  it("fails at once at an event without end", () => {
    const answer = streamed("data: ");
    expect(answer.bytes(Buffer.alloc(2_000_000, "x"), 2)).toEqual({ outcome: "malformed", reason: "event-too-large" });
  });

  it("fails when the target answers with something else than a stream", () => {
    const answer = new AnswerReader(true);
    answer.head(200, "application/json");
    const verdict = { outcome: "malformed", reason: "not-an-event-stream" };
    expect(answer.bytes(Buffer.from("{}"), 1)).toEqual(verdict);
    expect(answer.end(2)).toEqual(verdict);
  });

  it("times the first content, not the first event, and the largest gap between contents, not between events", () => {
    const answer = new AnswerReader(true);
    answer.head(200, eventStream);
    answer.bytes(Buffer.from(': ping\n\ndata: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'), 5);
    expect(answer.firstTokenMs).toBeNull();
    answer.bytes(Buffer.from(word("a") + word("b")), 20);
    answer.bytes(Buffer.from(word("c")), 50);
    answer.bytes(Buffer.from(word("d")), 55);
    answer.bytes(Buffer.from(finish + usage + done), 400);
    expect(answer.end(401).outcome).toBe("ok");
    expect(answer).toMatchObject({ firstTokenMs: 20, chunks: 4, gapMaxMs: 30 });
    expect(answer.usage).toEqual({ inputTokens: 9, cachedTokens: 0, outputTokens: 2 });
  });

  it("keeps the usage that came before other events", () => {
    expect(streamed(usage + finish + done).usage).toMatchObject({ inputTokens: 9, outputTokens: 2 });
  });

  it("has no gap with a single content event", () => {
    expect(streamed(word("a") + finish)).toMatchObject({ chunks: 1, gapMaxMs: 0 });
  });

  it("is cut when the connection fails after its head, and was never answered when it fails before", () => {
    expect(streamed(word("a")).broken("ECONNRESET", false)).toEqual({ outcome: "cut-stream", reason: "ECONNRESET" });
    expect(streamed(word("a") + finish).broken("closed-early", false)).toEqual({
      outcome: "cut-stream",
      reason: "closed-early",
    });
    expect(new AnswerReader(true).broken("ECONNREFUSED", false)).toEqual({
      outcome: "connection",
      reason: "ECONNREFUSED",
    });
  });

  it("is malformed when what came is not HTTP", () => {
    expect(new AnswerReader(true).broken("invalid-http", true)).toEqual({
      outcome: "malformed",
      reason: "invalid-http",
    });
  });
});

describe("a whole answer", () => {
  const completion =
    '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":1}}';

  it("has its first token at its end", () => {
    const answer = whole(completion);
    expect(answer.end(80)).toEqual({ outcome: "ok", reason: "" });
    expect(answer).toMatchObject({
      firstTokenMs: 80,
      chunks: 0,
      gapMaxMs: 0,
      usage: { inputTokens: 7, outputTokens: 1 },
    });
  });

  it.each([
    { why: "that is not JSON", body: "<html>", reason: "invalid-json" },
    { why: "that is torn", body: completion.slice(0, -1), reason: "invalid-json" },
    { why: "without a finish reason", body: '{"choices":[{"message":{"content":"Hi"}}]}', reason: "no-finish-reason" },
    {
      why: "that carries an error under a good status",
      body: '{"error":{"type":"server_error"}}',
      reason: "server_error",
    },
  ])("$why is malformed", ({ body, reason }) => {
    const answer = whole(body);
    expect(answer.end(2)).toEqual({ outcome: "malformed", reason });
    expect(answer.firstTokenMs).toBeNull();
  });

  it("is put together from pieces, cut in the middle of a character", () => {
    const bytes = Buffer.from(completion.replace("Hi", "漢"));
    const answer = new AnswerReader(false);
    answer.head(200, "application/json");
    for (const byte of bytes) answer.bytes(Buffer.of(byte), 1);
    expect(answer.end(2).outcome).toBe("ok");
  });

  it("was never answered when the connection fails in the middle", () => {
    expect(whole("{").broken("closed-early", false)).toEqual({ outcome: "connection", reason: "closed-early" });
  });

  it("is not read on beyond its bound", () => {
    const answer = whole("{");
    const verdict = answer.bytes(Buffer.alloc(answerBytesMax), 1);
    expect(verdict).toEqual({ outcome: "malformed", reason: "answer-too-large" });
  });
});

describe("an error status", () => {
  it.each([
    { status: 429, outcome: "rate-limited" },
    { status: 529, outcome: "rate-limited" },
    { status: 400, outcome: "rejected" },
    { status: 408, outcome: "rejected" },
    { status: 500, outcome: "server-error" },
    { status: 503, outcome: "server-error" },
    { status: 302, outcome: "malformed" },
  ])("$status means $outcome, streamed or not", ({ status, outcome }) => {
    expect(whole("<html>", status).end(2)).toEqual({ outcome, reason: `http-${status}` });
    expect(streamed('{"error":{"code":"why"}}', status, "application/json").end(2)).toEqual({ outcome, reason: "why" });
  });

  it("counts even when its body is cut", () => {
    expect(whole("{", 503).broken("ECONNRESET", false)).toEqual({ outcome: "server-error", reason: "http-503" });
  });

  it("keeps only the beginning of its body", () => {
    const answer = whole('{"error":{"code":"why"}}', 500);
    expect(answer.bytes(Buffer.alloc(errorBodyBytesMax, " "), 1)).toBeUndefined();
    expect(answer.bytes(Buffer.from("not JSON any more"), 1)).toBeUndefined();
    expect(answer.end(2).reason).toBe("why");
  });
});
