/** k6 reads an answer whole, the native engine as it comes: both must call the same ending by the same name. */
import { describe, expect, it } from "vitest";
import { AnswerReader } from "../../../load/native/answer.ts";
import { readAnswer, type SeenAnswer } from "../../../scenarios/k6/answer.ts";
import { contentEvent, doneEvent, finishEvent, wholeCompletion, wholeStream } from "../scripted-server.ts";

const eventStream = "text/event-stream; charset=utf-8";

interface Case extends Partial<SeenAnswer> {
  readonly why: string;
}

const cases: readonly Case[] = [
  { why: "a whole stream", body: wholeStream },
  { why: "a whole stream with CRLF", body: wholeStream.replaceAll("\n", "\r\n") },
  { why: "a stream that begins with a byte order mark", body: `\uFEFF${wholeStream}` },
  { why: "a stream without [DONE]", body: contentEvent("a") + finishEvent },
  { why: "a stream whose last event has no blank line", body: (contentEvent("a") + finishEvent).trimEnd() },
  { why: "a stream without a finish reason", body: contentEvent("a") + doneEvent },
  { why: "an empty stream", body: "" },
  { why: "an error event", body: `${contentEvent("a")}data: {"error":{"code":"server_is_overloaded"}}\n\n` },
  { why: "an event named error", body: 'event: error\ndata: {"message":"no"}\n\n' },
  { why: "a torn event", body: `${contentEvent("a")}data: {"choices":[\n\n` },
  { why: "data on two lines", body: `data: {"choices":[{"delta":{},\ndata: "finish_reason":"stop"}]}\n\n` },
  { why: "comments between events", body: `: hello\n\n${contentEvent("a")}: ping\n\n${finishEvent}` },
  { why: "a page in place of a stream", body: "<h1>hi</h1>", contentType: "text/html" },
  { why: "a refusal", status: 429, body: '{"error":{"code":"rate_limit_exceeded"}}', contentType: "application/json" },
  { why: "a shed request", status: 529, body: "", contentType: "application/json" },
  { why: "a broken gateway", status: 502, body: "<h1>no</h1>", contentType: "text/html" },
  { why: "a request that is refused", status: 404, body: "{}", contentType: "application/json" },
  { why: "a redirect", status: 302, body: "", contentType: "text/html" },
  { why: "a whole completion", stream: false, body: wholeCompletion, contentType: "application/json" },
  { why: "a completion without an end", stream: false, body: '{"choices":[]}', contentType: "application/json" },
  { why: "a completion that carries an error", stream: false, body: '{"error":{"type":"overloaded"}}' },
  { why: "a completion that is no JSON", stream: false, body: "<h1>hi</h1>" },
];

function native({ stream, status, contentType, body }: SeenAnswer): object {
  const answer = new AnswerReader(stream);
  answer.head(status, contentType);
  const verdict = answer.bytes(Buffer.from(body), 1) ?? answer.end(2);
  return { ...verdict, chunks: answer.chunks, usage: answer.usage };
}

describe("an answer that k6 hands over", () => {
  it.each(cases)("$why is what the native engine takes it for", (fields) => {
    const plain = { stream: true, status: 200, contentType: eventStream, body: "", failure: "" };
    const seen: SeenAnswer = { ...plain, ...fields };
    expect(readAnswer(seen)).toEqual(native(seen));
  });

  const broken = { stream: true, status: 0, contentType: "", failure: "closed-early" };

  it("is a cut stream when it broke off after it had begun, with the tokens until then", () => {
    const body = contentEvent("a") + contentEvent("b") + 'data: {"choi';
    expect(readAnswer({ ...broken, body })).toMatchObject({ outcome: "cut-stream", reason: "closed-early", chunks: 2 });
  });

  it("is a cut stream also when a finish reason came before the connection broke", () => {
    expect(readAnswer({ ...broken, body: contentEvent("a") + finishEvent })).toMatchObject({ outcome: "cut-stream" });
  });

  it("keeps the error event that came before the connection broke", () => {
    const body = 'data: {"error":{"type":"server_error"}}\n\n';
    expect(readAnswer({ ...broken, body })).toMatchObject({ outcome: "cut-stream", reason: "server_error" });
  });

  it("is a failed connection when nothing came, or nothing that was streamed", () => {
    const failed = { outcome: "connection", reason: "closed-early", chunks: 0 };
    expect(readAnswer({ ...broken, body: "" })).toMatchObject(failed);
    expect(readAnswer({ ...broken, stream: false, body: "{" })).toMatchObject(failed);
  });
});
