/** The probe's client: sends one chat and says everything about the answer that a client could notice. */
import { request } from "undici";
import { formatMarker } from "../../behavior/marker.ts";
import { chatBody, type Verdict } from "../../core/chat-completion.ts";
import type { Outcome } from "../../core/record.ts";
import type { Ms } from "../../core/time.ts";
import type { GatewayCall } from "../../gateways/driver.ts";
import { AnswerReader } from "../../load/native/answer.ts";

export interface Chat {
  /** Joins the answer with the providers' calls. */
  readonly key: string;
  readonly model: string;
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client leaves when it has waited this long. */
  readonly leaveAfterMs: Ms;
  /** Nobody wants to know any more. */
  readonly signal?: AbortSignal;
}

/** What the client saw. */
export interface Seen {
  readonly status: number;
  readonly outcome: Outcome;
  readonly reason: string;
  /** As in the last choice that named one; empty: none did. */
  readonly finishReason: string;
  /** A stream said `[DONE]`. */
  readonly done: boolean;
  /** An event or a body with an error in it. */
  readonly errorTold: boolean;
  readonly retryAfter: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Characters of the answer's text that came. */
  readonly characters: number;
  readonly tookMs: Ms;
}

/** Anthropic wants to be told a limit; no answer of a probe is as long. */
const maxOutputTokens = 1_024;
/** Kept of an answer, to be looked at. */
const keptBytesMax = 1_048_576;

/** A failed request is no error. Throws the signal's reason. */
export async function chat(call: GatewayCall, asked: Chat): Promise<Seen> {
  const startedAtMs = performance.now();
  const reader = new AnswerReader(asked.stream);
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let retryAfter = "";
  let verdict: Verdict;
  const leave = AbortSignal.timeout(asked.leaveAfterMs);
  const enough = asked.signal === undefined ? leave : AbortSignal.any([leave, asked.signal]);
  try {
    const answer = await request(call.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...call.headers, ...asked.headers },
      body: bodyOf(asked, call.model ?? asked.model),
      signal: enough,
    });
    retryAfter = headerOf(answer.headers["retry-after"]);
    reader.head(answer.statusCode, headerOf(answer.headers["content-type"]));
    for await (const bytes of answer.body as AsyncIterable<Buffer>) {
      reader.bytes(bytes, performance.now());
      if (keptBytes < keptBytesMax) kept.push(bytes);
      keptBytes += bytes.length;
    }
    verdict = reader.end(performance.now());
  } catch (cause) {
    asked.signal?.throwIfAborted();
    verdict = leave.aborted ? { outcome: "timeout", reason: "client-left" } : reader.broken(codeOf(cause), false);
  }
  const text = Buffer.concat(kept).toString("utf8");
  return {
    status: reader.status,
    ...verdict,
    ...lookInto(text),
    retryAfter,
    inputTokens: reader.usage?.inputTokens,
    outputTokens: reader.usage?.outputTokens,
    tookMs: performance.now() - startedAtMs,
  };
}

function bodyOf(asked: Chat, model: string): string {
  const marker = formatMarker("load", { ...asked, cachedTokens: 0 });
  return chatBody({ model, stream: asked.stream, maxOutputTokens }, [
    { role: "user", content: `${marker}tell me a story` },
  ]);
}

type Look = Pick<Seen, "finishReason" | "done" | "errorTold" | "characters">;

/** Reads an answer of either kind without believing in its shape. */
function lookInto(text: string): Look {
  const contents = [...text.matchAll(/"content":\s*("(?:[^"\\]|\\.)*")/g)].map(([, literal]) =>
    unquoted(literal ?? '""'),
  );
  return {
    finishReason: [...text.matchAll(/"finish_reason":\s*"(\w+)"/g)].at(-1)?.[1] ?? "",
    done: /^data: ?\[DONE\]/m.test(text),
    errorTold: /"error":\s*[{"]/.test(text),
    characters: contents.reduce((sum, content) => sum + content.length, 0),
  };
}

function unquoted(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return "";
  }
}

function headerOf(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

function codeOf(cause: unknown): string {
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "unknown";
}
