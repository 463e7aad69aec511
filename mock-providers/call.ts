/**
 * One call at a provider, and how its end is written down: settled with the provider, counted, and entered in the journal.
 */
import type { ProviderAsk, Ticket, Usage } from "../behavior/provider.ts";
import type { NanoDollars } from "../core/money.ts";
import type { Outcome, PhaseName } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import type { AnswerWriter } from "./answer.ts";
import type { TraceHeaders } from "./call-traces.ts";
import type { HttpResponse } from "./http-exchange.ts";
import type { Mock, MockState, MountedProvider } from "./mock.ts";
import type { TokensBy } from "./tokenizer.ts";

/** A request that a dialect has understood. */
export interface Call {
  readonly mock: Mock;
  /** The state it arrived in. A reset in the meantime does not concern it: it ends where it began. */
  readonly state: MockState;
  readonly mounted: MountedProvider;
  readonly response: HttpResponse;
  /** Scenario time of its arrival. */
  readonly arrivalMs: Ms;
  readonly phase: PhaseName;
  /** Key of the request it belongs to, or one made up for a foreign client. */
  readonly key: string;
  readonly tokensBy: TokensBy;
  /** Who pays, for the journal; empty for an unknown key. */
  readonly organization: string;
  readonly ask: ProviderAsk;
  readonly answer: AnswerWriter;
  /** The caller's span, where traces are wanted. */
  readonly traceHeaders?: TraceHeaders | undefined;
}

/** How a call ended. */
export interface CallEnd {
  readonly endMs: Ms;
  readonly outcome: Outcome;
  readonly status: number;
  /** Machine-readable, empty when ok. */
  readonly reason: string;
  readonly firstTokenMs: Ms | null;
  readonly chunks: number;
  readonly gapMaxMs: Ms;
}

/** The end of a call that was answered in one piece, or not at all. */
export function endWithoutStream(call: Call, outcome: Outcome, status: number, reason: string): CallEnd {
  const endMs = call.state.clock.nowMs();
  return { endMs, outcome, status, reason, firstTokenMs: outcome === "ok" ? endMs : null, chunks: 0, gapMaxMs: 0 };
}

/** Ends a call that the provider served. */
export function endServed(call: Call, ticket: Ticket, usage: Usage, end: CallEnd): void {
  const cost = call.mounted.provider.finish(end.endMs, ticket, usage);
  write(call, end, usage, cost, true);
}

/** Ends a call that was refused or dropped. */
export function endUnserved(call: Call, end: CallEnd): void {
  write(call, end, nothingUsed, 0, false);
}

const nothingUsed: Usage = { outputTokens: 0, wastedTokens: 0, completed: false };

function write(call: Call, end: CallEnd, usage: Usage, cost: NanoDollars, served: boolean): void {
  const { ask, state } = call;
  const record = {
    key: call.key,
    phase: call.phase,
    tenant: call.organization,
    model: ask.model,
    provider: call.mounted.spec.name,
    stream: ask.stream,
    intendedMs: call.arrivalMs,
    sentMs: call.arrivalMs,
    firstTokenMs: end.firstTokenMs,
    endMs: end.endMs,
    status: end.status,
    outcome: end.outcome,
    reason: end.reason,
    inputTokens: ask.inputTokens,
    tokensBy: call.tokensBy,
    cachedTokens: ask.cachedTokens,
    outputTokens: usage.outputTokens,
    chunks: end.chunks,
    gapMaxMs: end.gapMaxMs,
    upstreamCalls: ask.attempt,
    cost,
    wastedTokens: usage.wastedTokens,
  };
  state.journal.write(record);
  call.mock.metrics.callEnded(record, call.mounted.models.has(ask.model) ? ask.model : "unknown", served);
  call.mock.traces?.callEnded(call, record);
}

/** Wall milliseconds that one planned millisecond takes: 0 when the mock answers at once. */
export function wallMsPerPlannedMs(state: MockState): number {
  return state.clock.toWallMs(state.config.latencyScale);
}

/** Planned time that has passed since then: all of it when the mock answers at once. */
export function plannedMsSince(state: MockState, beganWallMs: number, wallPerPlanned: number): Ms {
  return wallPerPlanned === 0 ? Number.POSITIVE_INFINITY : (state.clock.wall.nowMs() - beganWallMs) / wallPerPlanned;
}

/**
 * An answer on which nothing moves for this long is cut, wall milliseconds: hung and stalled answers, and clients that do not
 * read. Longer than the ten minutes that the vendors' SDKs wait.
 */
export const silenceWallMsMax: number = 15 * 60_000;
