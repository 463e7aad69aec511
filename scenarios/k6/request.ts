/**
 * One request as its client plays it: sent when it is due, tried again as its library does, given up when its patience ends.
 *
 * Instants are scenario time since the start of the phase, on k6's own monotonic clock (`exec.instance.currentTestRunDuration`).
 */
import { sleep } from "k6";
import exec from "k6/execution";
import http, { type RefinedResponse } from "k6/http";
import { chatBody, type Verdict } from "../../core/chat-completion.ts";
import type { K6Call, K6Plan, K6Record, K6Request } from "../../core/k6-plan.ts";
import type { PhaseName } from "../../core/record.ts";
import { cutText } from "../../core/text-cut.ts";
import { readAnswer, type ReadAnswer } from "./answer.ts";
import { measure, say } from "./measures.ts";

/** A phase that is being played. */
export interface Stage {
  readonly plan: K6Plan;
  readonly phase: PhaseName;
  /** Start of the phase on k6's clock, in wall milliseconds. */
  readonly zeroMs: number;
}

/** Scenario time since the start of the phase. */
export function nowMs({ plan, zeroMs }: Stage): number {
  return (exec.instance.currentTestRunDuration - zeroMs) * plan.timeScale;
}

/** k6 sleeps in seconds; an instant that has passed is not waited for. */
export function waitUntil(stage: Stage, instantMs: number): void {
  const leftMs = (instantMs - nowMs(stage)) / stage.plan.timeScale;
  if (leftMs > 0) sleep(leftMs / 1_000);
}

/** A try that has ended, as far as k6 can see it. */
interface Tried extends ReadAnswer {
  readonly sentMs: number;
  readonly firstByteMs: number | null;
  readonly endMs: number;
  readonly status: number;
  /** What the answer asked its client to wait; undefined: nothing. */
  readonly retryAfterMs: number | undefined;
}

const timedOut: Verdict = { outcome: "timeout", reason: "client-timeout" };
const left: Verdict = { outcome: "aborted", reason: "client-left" };

/** Plays a request that is due; answers when it ended. */
export function playRequest(stage: Stage, request: K6Request, dueMs: number): number {
  const leavesMs = request.leaveAfterMs === undefined ? Number.POSITIVE_INFINITY : dueMs + request.leaveAfterMs;
  const call = callFor(stage.plan, request.model);
  const body = chatBody({ ...request, model: call.model ?? request.model }, messagesOf(stage.plan, request));
  say({ kind: "begin", record: beginning(stage, request, dueMs) });
  let last = tryOnce(stage, request, { call, body }, dueMs, leavesMs);
  const firstSentMs = last.sentMs;
  let tries = 1;
  for (;;) {
    const waitMs = waitBeforeRetry(stage.plan, request, tries, last);
    if (waitMs === undefined) break;
    const againMs = last.endMs + waitMs;
    waitUntil(stage, Math.min(againMs, leavesMs));
    if (againMs >= leavesMs) {
      last = { ...last, ...left, endMs: leavesMs };
      break;
    }
    tries += 1;
    last = tryOnce(stage, request, { call, body }, againMs, leavesMs);
  }
  const record: K6Record = {
    ...beginning(stage, request, dueMs),
    sentMs: firstSentMs,
    firstTokenMs: firstTokenOf(request, last),
    endMs: last.endMs,
    status: last.status,
    outcome: last.outcome,
    reason: last.reason,
    inputTokens: last.usage?.inputTokens ?? request.inputTokens,
    cachedTokens: last.usage?.cachedTokens ?? request.cachedTokens,
    outputTokens: last.usage?.outputTokens ?? last.chunks,
    chunks: last.chunks,
    ...(tries === 1 ? {} : { clientTries: tries }),
  };
  measure(record);
  say({ kind: "end", record });
  return last.endMs;
}

/** The record of a request that leaves now and of which nothing has come back. */
function beginning(stage: Stage, request: K6Request, dueMs: number): K6Record {
  const { key, tenant, model, stream, inputTokens, cachedTokens } = request;
  const sentMs = nowMs(stage);
  return {
    key,
    phase: stage.phase,
    tenant,
    model,
    stream,
    intendedMs: dueMs,
    sentMs,
    firstTokenMs: null,
    endMs: sentMs,
    status: 0,
    outcome: "unfinished",
    reason: "interrupted",
    inputTokens,
    cachedTokens,
    outputTokens: 0,
    chunks: 0,
  };
}

interface Sent {
  readonly call: K6Call;
  readonly body: string;
}

function tryOnce(stage: Stage, request: K6Request, { call, body }: Sent, startMs: number, leavesMs: number): Tried {
  const deadlineMs = startMs + stage.plan.timeoutMs;
  const beganMs = nowMs(stage);
  const patienceMs = (Math.min(deadlineMs, leavesMs) - beganMs) / stage.plan.timeScale;
  const gaveUp = leavesMs <= deadlineMs ? left : timedOut;
  const unanswered = { firstByteMs: null, status: 0, chunks: 0, usage: undefined, retryAfterMs: undefined };
  // Held back for longer than its client would have waited, it is not sent at all.
  if (patienceMs <= 0) return { sentMs: beganMs, endMs: beganMs, ...gaveUp, ...unanswered };
  const { url, headers, sessionHeader, tenantHeader } = call;
  const session = sessionHeader === undefined ? {} : { [sessionHeader]: request.session ?? request.key };
  const tenant = tenantHeader === undefined ? {} : { [tenantHeader]: encodeURIComponent(request.tenant) };
  const answer = http.post(url, body, {
    headers: { "content-type": "application/json", ...headers, ...session, ...tenant },
    timeout: patienceMs,
    responseType: "text",
    redirects: 0,
    tags: { name: "chat completions", phase: stage.phase, tenant: request.tenant, model: request.model },
  });
  const overMs = nowMs(stage);
  if (answer.error_code === requestTimeout) return { sentMs: beganMs, endMs: overMs, ...gaveUp, ...unanswered };
  return seen(stage, request, answer, beganMs, overMs);
}

/** Error codes of k6 (k6 documentation, "Error Codes"), under the names that Squall's own engine gives the same failures. */
const requestTimeout = 1050;
const failureNames: Readonly<Record<number, string>> = {
  1101: "ENOTFOUND",
  1211: "ETIMEDOUT",
  1212: "ECONNREFUSED",
  1220: "ECONNRESET",
};

function seen(
  { plan }: Stage,
  request: K6Request,
  answer: RefinedResponse<"text">,
  beganMs: number,
  overMs: number,
): Tried {
  const { timings, error_code: errorCode, error } = answer;
  const answered = errorCode === 0 || errorCode >= 1_400; // codes from 1400 on only repeat the status of an answer
  const failure = answered
    ? ""
    : (failureNames[errorCode] ?? (error.includes("EOF") ? "closed-early" : `k6-${errorCode}`));
  const sentMs = beganMs + (timings.blocked + timings.connecting + timings.tls_handshaking) * plan.timeScale;
  const firstByteMs = sentMs + (timings.sending + timings.waiting) * plan.timeScale;
  const wholeMs = firstByteMs + timings.receiving * plan.timeScale;
  const contentType = answer.headers["Content-Type"] ?? "";
  const read = readAnswer({
    stream: request.stream,
    status: answer.status,
    contentType,
    body: answer.body ?? "",
    failure,
  });
  return {
    ...read,
    sentMs,
    firstByteMs: answered || timings.waiting > 0 ? firstByteMs : null,
    endMs: answered ? Math.min(wholeMs, overMs) : overMs,
    status: answer.status,
    retryAfterMs: retryAfterOf(answer.headers),
  };
}

/**
 * The first token cannot have come before the first byte, and k6 knows no more. Where no content came there is none; an
 * answer that is not streamed has it at its end.
 */
function firstTokenOf({ stream }: K6Request, { firstByteMs, endMs, outcome, chunks }: Tried): number | null {
  if (!stream) return outcome === "ok" ? endMs : null;
  return chunks > 0 ? firstByteMs : null;
}

/** `retry-after-ms`, or `retry-after` in seconds, as the SDKs read them. k6 writes header names in their canonical form. */
function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  const [inMs, inSeconds] = [Number(headers["Retry-After-Ms"]), Number(headers["Retry-After"])];
  const afterMs = Number.isFinite(inMs) ? inMs : inSeconds * 1_000;
  return Number.isFinite(afterMs) && afterMs >= 0 ? afterMs : undefined;
}

/** How long the client's library waits before it tries again (behavior/routing/client-retries.ts); undefined: it does not. */
function waitBeforeRetry(plan: K6Plan, request: K6Request, tries: number, last: Tried): number | undefined {
  const waitMs = request.waitsMs?.[tries - 1];
  if (plan.retries === undefined || waitMs === undefined || last.chunks > 0 || !isWorthRetrying(last)) return undefined;
  const { honourRetryAfter, retryAfterMaxMs } = plan.retries;
  const asked = last.retryAfterMs;
  return honourRetryAfter && asked !== undefined && asked < retryAfterMaxMs ? asked : waitMs;
}

function isWorthRetrying({ outcome, status }: Tried): boolean {
  return (
    outcome === "rate-limited" ||
    outcome === "server-error" ||
    outcome === "timeout" ||
    outcome === "connection" ||
    (outcome === "rejected" && (status === 408 || status === 409))
  );
}

function messagesOf({ corpus }: K6Plan, { marker, messages }: K6Request): { role: string; content: string }[] {
  return messages.map(([from, characters], index) => {
    const content = cutText(corpus, from, characters);
    return { role: index % 2 === 0 ? "user" : "assistant", content: index === 0 ? marker + content : content };
  });
}

/** Key of `squall mock` unless it is told otherwise; it opens nothing else. */
const mockKey = "sk-squall-openai";

/**
 * `SQUALL_TARGET` is a base URL as an SDK takes it, such as `http://127.0.0.1:9100/openai/v1`; it goes before the plan's own.
 * `SQUALL_HEADERS` is a JSON object of what a gateway wants besides the key.
 */
function callFor(plan: K6Plan, model: string): K6Call {
  const target = __ENV["SQUALL_TARGET"];
  if (target !== undefined && target !== "") {
    const key = __ENV["SQUALL_API_KEY"] ?? mockKey;
    const more: Record<string, string> = JSON.parse(__ENV["SQUALL_HEADERS"] ?? "{}");
    const url = `${target.replace(/\/$/, "")}/chat/completions`;
    return { url, headers: { authorization: `Bearer ${key}`, ...more } };
  }
  const call = plan.calls[model];
  if (call === undefined) throw new Error(`the plan does not say where ${model} is; give -e SQUALL_TARGET=BASE_URL`);
  return call;
}
