/**
 * Reads a whole answer, which is how k6 hands it over: did the request end well, and what was said of tokens?
 *
 * The rules are those of Squall's own engine (load/native/answer.ts): a stream is whole only if its status is 2xx, a finish
 * reason came, and no event carried an error; `[DONE]` is neither required nor believed.
 */
import { isSuccess, readChatFacts, refusal, type TokenUsage, type Verdict } from "../../core/chat-completion.ts";

/** What k6 knows of an answer when it is over. */
export interface SeenAnswer {
  /** What the request asked for. */
  readonly stream: boolean;
  /** 0 without an answer, and for one that broke off, of which k6 forgets the status. */
  readonly status: number;
  readonly contentType: string;
  /** What came of the body, also of one that broke off. */
  readonly body: string;
  /** Why the connection failed; empty when it did not. */
  readonly failure: string;
}

export interface ReadAnswer extends Verdict {
  /** Content events of a stream. */
  readonly chunks: number;
  readonly usage: TokenUsage | undefined;
}

const ok: Verdict = { outcome: "ok", reason: "" };

export function readAnswer(seen: SeenAnswer): ReadAnswer {
  const { stream, status, contentType, body, failure } = seen;
  const nothing = { chunks: 0, usage: undefined };
  if (failure !== "") {
    if (!stream || body === "") return { outcome: "connection", reason: failure, ...nothing };
    const { failed, chunks, usage } = readEvents(body, false);
    return { ...(failed ?? { outcome: "cut-stream", reason: failure }), chunks, usage };
  }
  if (!isSuccess(status)) return { ...refusal(status, body), ...nothing };
  if (!stream) return { ...nothing, ...wholeAnswer(body) };
  if (!contentType.toLowerCase().startsWith("text/event-stream")) {
    return { outcome: "malformed", reason: "not-an-event-stream", ...nothing };
  }
  const { failed, finished, chunks, usage } = readEvents(body, true);
  const end: Verdict = finished ? ok : { outcome: "cut-stream", reason: "no-finish-reason" };
  return { ...(failed ?? end), chunks, usage };
}

function wholeAnswer(body: string): Verdict & { readonly usage: TokenUsage | undefined } {
  const malformed = (reason: string): ReturnType<typeof wholeAnswer> => ({
    outcome: "malformed",
    reason,
    usage: undefined,
  });
  const facts = readChatFacts(body);
  if (facts === undefined) return malformed("invalid-json");
  if (facts.error !== undefined) return malformed(facts.error);
  return facts.finished ? { ...ok, usage: facts.usage } : malformed("no-finish-reason");
}

interface EventsRead {
  readonly failed: Verdict | undefined;
  readonly finished: boolean;
  readonly chunks: number;
  readonly usage: TokenUsage | undefined;
}

/** Events of a stream up to the first that fails it. `ended`: the body ended in order, so that its last event counts too. */
function readEvents(body: string, ended: boolean): EventsRead {
  let finished = false;
  let chunks = 0;
  let usage: TokenUsage | undefined;
  const blocks = body
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n")
    .split("\n\n");
  for (const block of ended ? blocks : blocks.slice(0, -1)) {
    const { data, name } = eventOf(block);
    if (data === undefined || data === "[DONE]") continue;
    const facts = readChatFacts(data);
    const failed = (outcome: Verdict["outcome"], reason: string): EventsRead => ({
      failed: { outcome, reason },
      finished,
      chunks,
      usage,
    });
    if (facts?.error !== undefined || name === "error") return failed("cut-stream", facts?.error ?? "error-event");
    if (facts === undefined) return failed("malformed", "invalid-json");
    if (facts.content) chunks += 1;
    if (facts.finished) finished = true;
    usage = facts.usage ?? usage;
  }
  return { failed: undefined, finished, chunks, usage };
}

/** Fields of one event (WHATWG HTML, section 9.2.6): data lines joined by line feeds, and its name. */
function eventOf(block: string): { readonly data: string | undefined; readonly name: string } {
  const data: string[] = [];
  let name = "";
  for (const line of block.split("\n")) {
    const match = /^(data|event)(?:: ?(.*))?$/.exec(line);
    if (match?.[1] === "data") data.push(match[2] ?? "");
    else if (match !== null) name = match[2] ?? "";
  }
  return { data: data.length === 0 ? undefined : data.join("\n"), name };
}
