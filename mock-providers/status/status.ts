/** What the page for humans shows, as data: what is limited and by how much, what fails, what was called last. */
import type { LimitDimension, LimitState, QuotaSnapshot } from "../../behavior/provider.ts";
import { strengthAt } from "../../behavior/faults/schedule.ts";
import { toDollars } from "../../core/money.ts";
import type { Ms } from "../../core/time.ts";
import { faultInWords, type Words } from "../config-words.ts";
import type { JournalEntry } from "../journal.ts";
import { type Mock, type MockState, remainingQuotas } from "../mock.ts";
import { baseUrlOf } from "../ready-message.ts";

export interface MockStatus {
  readonly scenarioMs: Ms;
  readonly timeScale: number;
  readonly latencyScale: number;
  readonly seed: number;
  readonly draining: boolean;
  readonly providers: readonly ProviderStatus[];
  /** The fullest first. */
  readonly limits: readonly LimitStatus[];
  /** Limits that are not listed, being less full than all of those. */
  readonly limitsLeftOut: number;
  readonly faults: readonly FaultStatus[];
  /** The newest first. */
  readonly calls: readonly JournalEntry[];
}

export interface ProviderStatus {
  readonly name: string;
  readonly dialect: string;
  /** Path of what the vendor's SDK takes as base URL. */
  readonly basePath: string;
  readonly inFlight: number;
  readonly calls: number;
  readonly served: number;
  readonly refused: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

/** One limit of one key. */
export interface LimitStatus {
  readonly provider: string;
  /** Masked. */
  readonly key: string;
  /** Several where they share it. */
  readonly models: readonly string[];
  readonly dimension: LimitDimension;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: Ms;
}

export interface FaultStatus {
  readonly id: number;
  readonly atMs: Ms;
  readonly forMs: Ms | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly kind: string;
  /** All that is said of it, as it is written in a timeline. */
  readonly words: Words;
  readonly phase: "waiting" | "on" | "over";
}

const limitsShownMax = 40;
const callsShownMax = 25;

export function mockStatus(mock: Mock): MockStatus {
  const { state } = mock;
  const { clock, config, journal } = state;
  const nowMs = clock.nowMs();
  const limits = limitsByFullness(state);
  return {
    scenarioMs: nowMs,
    timeScale: clock.scale,
    latencyScale: config.latencyScale,
    seed: config.seed,
    draining: mock.draining,
    providers: providersOf(state, nowMs),
    limits: limits.slice(0, limitsShownMax),
    limitsLeftOut: Math.max(0, limits.length - limitsShownMax),
    faults: faultsOf(state, nowMs),
    calls: journal.read(journal.lastSeq - callsShownMax, callsShownMax).toReversed(),
  };
}

function providersOf(state: MockState, nowMs: Ms): readonly ProviderStatus[] {
  return [...state.providers.values()].map(({ spec, provider }) => {
    const { calls, served, refused, failed, inputTokens, outputTokens, cost } = provider.ledger(nowMs);
    const about = {
      name: spec.name,
      dialect: spec.dialect,
      basePath: baseUrlOf("", spec),
      inFlight: provider.inFlight(),
    };
    return { ...about, calls, served, refused, failed, inputTokens, outputTokens, costUsd: toDollars(cost) };
  });
}

function limitsByFullness(state: MockState): readonly LimitStatus[] {
  const shared = new Map<string, LimitStatus>();
  for (const { provider, key, model, quota } of remainingQuotas(state)) {
    for (const [dimension, { limit, remaining, resetMs }] of limitsOf(quota)) {
      // Models whose limits were used alike to the millisecond share them; untouched ones stand by themselves.
      const whole = remaining === limit ? model : "";
      const name = [provider, key, dimension, limit, remaining, resetMs, whole].join(" ");
      const models = [...(shared.get(name)?.models ?? []), model];
      shared.set(name, { provider, key, models, dimension, limit, remaining, resetMs });
    }
  }
  return [...shared.values()].toSorted((a, b) => b.limit * a.remaining - a.limit * b.remaining);
}

function limitsOf(quota: QuotaSnapshot): readonly (readonly [LimitDimension, LimitState])[] {
  const dimensions = ["requests", "tokens", "inputTokens", "outputTokens"] as const;
  return dimensions.flatMap((dimension) => {
    const limit = quota[dimension];
    return limit === undefined || limit.limit === 0 ? [] : [[dimension, limit] as const];
  });
}

function faultsOf(state: MockState, nowMs: Ms): readonly FaultStatus[] {
  return state.faults.entries().map((entry) => ({
    id: entry.id,
    atMs: entry.atMs,
    forMs: entry.forMs,
    provider: entry.fault.provider,
    model: entry.fault.model,
    kind: entry.fault.kind,
    words: faultInWords(entry),
    phase: nowMs < entry.atMs ? "waiting" : strengthAt(entry, nowMs) > 0 ? "on" : "over",
  }));
}
