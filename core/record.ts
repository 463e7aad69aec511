/**
 * The RequestRecord: the one interchange record.
 *
 * Load engines, the simulator and the mock's journal all speak it; everything downstream is a fold over it and does
 * not know who wrote it. A failed request is data, never an exception. Records never hold prompts, answers or keys.
 *
 * Times are milliseconds since the start of the run, in scenario time (a live run at `--time-scale 10` multiplies its wall
 * time by ten), so a live and a simulated record of the same request are comparable field by field.
 */
import type { NanoDollars } from "./money.ts";
import type { Ms } from "./time.ts";

/** How a request ended, as its client sees it. Exactly one per request. */
export type Outcome =
  /** A whole answer: 2xx, finish reason seen, stream closed in order. */
  | "ok"
  /** 429 (or Anthropic's 529 shed): the provider or the gateway refused for load. */
  | "rate-limited"
  /** Any other 4xx: the request itself was refused. */
  | "rejected"
  /** 5xx before any token. */
  | "server-error"
  /** The client's own time limit ran out. */
  | "timeout"
  /** No HTTP answer: refused, reset, DNS, TLS. */
  | "connection"
  /** A stream that broke off after it had begun, or ended without a finish reason, or carried an error event. */
  | "cut-stream"
  /** An answer that cannot be parsed. */
  | "malformed"
  /** The client left on purpose before the end. */
  | "aborted"
  /** The run ended first. */
  | "unfinished";

/** Every outcome, for tables and legends, in the order in which people want to read them. */
export const outcomes: readonly Outcome[] = [
  "ok",
  "rate-limited",
  "rejected",
  "server-error",
  "timeout",
  "connection",
  "cut-stream",
  "malformed",
  "aborted",
  "unfinished",
];

/** Outcomes of requests whose client did not get what it asked for and waited for. One that left on purpose is none. */
export const failureOutcomes: readonly Outcome[] = outcomes.filter(
  (outcome) => outcome !== "ok" && outcome !== "aborted",
);

export interface RequestRecord {
  /** Identity of the request across phases, engines and clocks: `u3.s0.t2`, `a17`, `r1204`. Unique within its phase. */
  readonly key: string;
  /** `warmup` (never judged), `baseline` (one person alone), or `load`. */
  readonly phase: PhaseName;
  readonly tenant: string;
  readonly model: string;
  /** Provider that gave the final answer, as named in the scenario; empty when none did. */
  readonly provider: string;
  readonly stream: boolean;
  /** When the plan wanted it sent. Latency counts from here (no coordinated omission). */
  readonly intendedMs: Ms;
  /** When the first byte of the request really left; sentMs - intendedMs is the lateness of the generator. */
  readonly sentMs: Ms;
  /** First content token at the client; null when none came. For a non-streamed answer: its end. */
  readonly firstTokenMs: Ms | null;
  /** Last byte, or the moment it failed. */
  readonly endMs: Ms;
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  readonly outcome: Outcome;
  /** Short machine-readable reason of a failure (`rate_limit_exceeded`, `ECONNRESET`), empty when ok. */
  readonly reason: string;
  readonly inputTokens: number;
  /** Part of inputTokens that was read from a prompt cache. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Content events of the stream, 0 when not streamed. */
  readonly chunks: number;
  /** Largest gap between two content events, 0 with fewer than two. */
  readonly gapMaxMs: Ms;
  /** Calls that reached a provider on behalf of this request (1 = no retry), 0 when none did. Known after the join. */
  readonly upstreamCalls: number;
  /** What the providers charge for all of those calls. */
  readonly cost: NanoDollars;
  /** Output tokens generated and paid for that no client received. */
  readonly wastedTokens: number;
  /** Tries of the client, by its library or by hand, where there was more than one. */
  readonly clientTries?: number;
  /** Times its person sent it again by hand, where any; part of `clientTries`. */
  readonly resends?: number;
  /** Second calls that the gateway made because the first one took long, as far as anybody knows; part of `upstreamCalls`. */
  readonly hedges?: number;
  /**
   * The gateway gave an answer that it had kept, to these words (`cache`) or to ones that mean the same (`similar`); or, with a
   * warning, one that a small model was not sure of, since whoever should have answered in its place could not (`unsure`).
   */
  readonly answeredFrom?: "cache" | "similar" | "unsure";
  /** Model that the gateway took in place of `model`. */
  readonly servedModel?: string;
  /** What the time from `intendedMs` to `endMs` went into, which only a simulation knows; parts that took none are left out. */
  readonly spent?: Readonly<Partial<Record<TimePart, Ms>>>;
  /** Whose doing it was that it failed, or was among the slowest hundredth, which only a simulation knows. */
  readonly cause?: Cause;
}

/** Whose doing it was that a request failed or took long. */
export type Cause =
  | "budget"
  | "tenant-limit"
  | "retry-storm"
  | "cold-start"
  | "instance"
  | "gateway"
  | "provider"
  | "link"
  | "client";

/** What the time of a request goes into; all parts add up to its end-to-end latency. */
export type TimePart =
  /** Tries of the client that failed or were given up, and its waits between them. */
  | "client-tries"
  | "client-waits"
  /** Until an instance of the gateway had room. */
  | "instance"
  /** The gateway's event loop: waiting for it, and its work. */
  | "gateway"
  /** Until there was money again. */
  | "budget-queue"
  /** The gateway's waits before retries, and calls upstream that failed. */
  | "back-off"
  | "failed-calls"
  /** The provider, up to its first token, and from there to its last one. */
  | "first-token"
  | "generation"
  | "network";

/** The phases of a run, in the order they are played. */
export type PhaseName = "warmup" | "baseline" | "load";

/** Time to first token from the intended start; undefined when no token came. */
export function ttftMs(record: RequestRecord): Ms | undefined {
  return record.firstTokenMs === null ? undefined : record.firstTokenMs - record.intendedMs;
}

/** End-to-end latency from the intended start. */
export function e2eMs(record: RequestRecord): Ms {
  return record.endMs - record.intendedMs;
}

/** Mean inter-token latency: (end - first token) / (tokens - 1); undefined below two tokens or when not streamed. */
export function itlMs(record: RequestRecord): Ms | undefined {
  if (!record.stream || record.firstTokenMs === null || record.outputTokens < 2) return undefined;
  return (record.endMs - record.firstTokenMs) / (record.outputTokens - 1);
}

/** How late the generator sent it. Never negative. */
export function latenessMs(record: RequestRecord): Ms {
  return Math.max(0, record.sentMs - record.intendedMs);
}

/** Whether its answer was generated for it, and not kept from an earlier one. */
export function isGenerated({
  answeredFrom,
}: {
  readonly answeredFrom?: RequestRecord["answeredFrom"] | undefined;
}): boolean {
  return answeredFrom === undefined || answeredFrom === "unsure";
}

/** Whether the client got what it asked for. */
export function isOk(record: RequestRecord): boolean {
  return record.outcome === "ok";
}
