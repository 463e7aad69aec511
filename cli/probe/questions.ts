/**
 * What a probe asks of a gateway: one experiment per dialect and question, each with a provider of its own, so that all run at the same time and no
 * failure of one cools down another's provider.
 */
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import type { FaultKind } from "../../core/scenario/fault-spec.ts";
import { type Ms, secondMs } from "../../core/time.ts";

/** One thing that goes wrong, and how it is asked for. */
export interface Question {
  readonly name: string;
  /** undefined: nothing is wrong. */
  readonly fault?: FaultKind;
  readonly stream: boolean;
  /** Prompt tokens that the request claims; short unless given. */
  readonly inputTokens?: number;
  /** The client leaves in the middle of a long answer. */
  readonly leaves?: true;
}

const refused = (status: number, retryAfterMs?: Ms): FaultKind => ({ kind: "error-rate", status, retryAfterMs });

/** This much of an answer comes before its stream breaks. */
const after = 0.34;
/** The client waits this long for an answer: longer than a gateway needs for two retries. */
export const answerWithinMs: Ms = 20 * secondMs;

export const questions: readonly Question[] = [
  { name: "no fault", stream: false },
  { name: "no fault, streamed", stream: true },
  { name: "400", fault: refused(400), stream: false },
  { name: "401, key revoked", fault: { kind: "credential-revoked" }, stream: false },
  { name: "404", fault: refused(404), stream: false },
  { name: "429", fault: refused(429), stream: false },
  { name: "429, retry-after 3 s", fault: refused(429, 3 * secondMs), stream: false },
  { name: "500", fault: refused(500), stream: false },
  { name: "503", fault: refused(503), stream: false },
  { name: "503, streamed", fault: refused(503), stream: true },
  { name: "overloaded", fault: { kind: "overload", retryAfterMs: undefined }, stream: false },
  { name: "connection reset", fault: { kind: "connection", how: "reset", waitMs: undefined }, stream: false },
  { name: "first token 3 s late", fault: { kind: "slow-first-token", byMs: 3 * secondMs }, stream: true },
  { name: "stalled stream", fault: { kind: "stalled-stream", after }, stream: true },
  { name: "cut stream", fault: { kind: "cut-stream", after }, stream: true },
  { name: "truncated stream", fault: { kind: "truncated-stream", after }, stream: true },
  { name: "malformed chunk", fault: { kind: "malformed-chunk", after }, stream: true },
  { name: "error event", fault: { kind: "error-event", after, error: "overloaded" }, stream: true },
  { name: "content filter", fault: { kind: "content-filter", after }, stream: true },
  { name: "wrong usage (x 10)", fault: { kind: "wrong-usage", factor: 10 }, stream: true },
  { name: "client leaves a stream", stream: true, leaves: true },
  { name: "client leaves a whole answer", stream: false, leaves: true },
  { name: "prompt of 3 million tokens", stream: false, inputTokens: 3_000_000 },
];

/** Lone failures that a gateway might answer with a pause. */
export const cooldownStatuses: readonly number[] = [401, 404, 429, 500];

/** `openai-connection-reset`: a provider's name. */
export function experimentName(dialect: Dialect, question: string): string {
  return `${dialect}-${question.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`.replace(/-$/, "");
}
