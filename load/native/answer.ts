/**
 * Reads one HTTP answer as it comes and says how the request ended.
 *
 * A streamed answer is whole only if the status is 2xx, a finish reason came, no event carried an error, and the body ended
 * in order. None of these is enough alone: Portkey turns a cut upstream into a clean end without a finish reason, LiteLLM
 * and TensorZero send `[DONE]` after a cut, and Portkey's Vertex and Google streams never send `[DONE]` (all measured against these
 * gateways, November 2026). So `[DONE]` is neither required nor believed.
 */
import { isSuccess, readChatFacts, refusal, type TokenUsage, type Verdict } from "../../core/chat-completion.ts";
import type { Ms } from "../../core/time.ts";
import { EventStreamReader } from "./event-stream.ts";

/** A whole (not streamed) answer may have this many bytes; a larger one is not read on. */
export const answerBytesMax: number = 16 * 1_048_576;
/** Of the body that comes with an error status this much is kept, to find its code. */
export const errorBodyBytesMax = 65_536;

const ok: Verdict = { outcome: "ok", reason: "" };

export class AnswerReader {
  /** HTTP status, 0 until the head of the answer has come. */
  status = 0;
  /** When the first content came, on the caller's clock; null before. */
  firstTokenMs: Ms | null = null;
  /** Content events of a stream. */
  chunks = 0;
  /** Largest time between two content events. */
  gapMaxMs: Ms = 0;
  usage: TokenUsage | undefined;

  readonly #stream: boolean;
  #events: EventStreamReader | undefined;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #nowMs: Ms = 0;
  #lastChunkMs: Ms = 0;
  #finished = false;
  #failure: Verdict | undefined;

  /** `stream`: what the request asked for. */
  constructor(stream: boolean) {
    this.#stream = stream;
  }

  head(status: number, contentType: string): void {
    this.status = status;
    if (!this.#stream || !isSuccess(status)) return;
    if (!contentType.toLowerCase().startsWith("text/event-stream")) {
      this.#failure = { outcome: "malformed", reason: "not-an-event-stream" };
      return;
    }
    this.#events = new EventStreamReader((data, name) => this.#event(data, name));
  }

  /** The next bytes of the body, which came at `nowMs`. Answers a verdict as soon as the answer can no longer become whole. */
  bytes(bytes: Buffer, nowMs: Ms): Verdict | undefined {
    if (this.#failure !== undefined) return this.#failure;
    this.#nowMs = nowMs;
    if (this.#events === undefined) return this.#collect(bytes);
    const readable = this.#events.push(bytes);
    return this.#failure ?? (readable ? undefined : { outcome: "malformed", reason: "event-too-large" });
  }

  /** The body ended in order. */
  end(nowMs: Ms): Verdict {
    this.#nowMs = nowMs;
    if (!isSuccess(this.status)) return refusal(this.status, this.#text());
    this.#events?.end();
    if (this.#failure !== undefined) return this.#failure;
    if (this.#events === undefined) return this.#wholeAnswer();
    return this.#finished ? ok : { outcome: "cut-stream", reason: "no-finish-reason" };
  }

  /** The connection failed. `malformed`: what came was not HTTP. */
  broken(reason: string, malformed: boolean): Verdict {
    if (this.#failure !== undefined) return this.#failure;
    if (malformed) return { outcome: "malformed", reason };
    if (this.status !== 0 && !isSuccess(this.status)) return refusal(this.status, this.#text());
    return { outcome: this.#events === undefined ? "connection" : "cut-stream", reason };
  }

  #event(data: string, name: string): void {
    if (this.#failure !== undefined || data === "[DONE]") return;
    const facts = readChatFacts(data);
    if (facts?.error !== undefined || name === "error") {
      this.#failure = { outcome: "cut-stream", reason: facts?.error ?? "error-event" };
    } else if (facts === undefined) {
      this.#failure = { outcome: "malformed", reason: "invalid-json" };
    } else {
      if (facts.content) this.#chunk();
      if (facts.finished) this.#finished = true;
      this.usage = facts.usage ?? this.usage;
    }
  }

  #chunk(): void {
    this.chunks += 1;
    if (this.firstTokenMs === null) this.firstTokenMs = this.#nowMs;
    else this.gapMaxMs = Math.max(this.gapMaxMs, this.#nowMs - this.#lastChunkMs);
    this.#lastChunkMs = this.#nowMs;
  }

  #collect(bytes: Buffer): Verdict | undefined {
    const success = isSuccess(this.status);
    if (!success && this.#bodyBytes >= errorBodyBytesMax) return undefined;
    this.#body.push(bytes);
    this.#bodyBytes += bytes.length;
    return success && this.#bodyBytes > answerBytesMax
      ? { outcome: "malformed", reason: "answer-too-large" }
      : undefined;
  }

  #wholeAnswer(): Verdict {
    const facts = readChatFacts(this.#text());
    if (facts === undefined) return { outcome: "malformed", reason: "invalid-json" };
    if (facts.error !== undefined) return { outcome: "malformed", reason: facts.error };
    if (!facts.finished) return { outcome: "malformed", reason: "no-finish-reason" };
    this.usage = facts.usage;
    this.firstTokenMs = this.#nowMs;
    return ok;
  }

  #text(): string {
    return Buffer.concat(this.#body).toString("utf8");
  }
}
