/** Runs, records and scenarios made by hand, so that a test states only what it is about. */
import type { RequestRecord } from "../../core/record.ts";
import type { ProviderLedger, Run, RunManifest } from "../../core/run.ts";
import type { Objective, Scenario } from "../../core/scenario/scenario.ts";
import { plainRecord } from "../made-record.ts";

/** An answered, streamed request of the load phase: 100 ms to the first token, 1,000 ms in all, 10 tokens. */
export function madeRecord(overrides: Partial<RequestRecord> = {}): RequestRecord {
  const tokens = { inputTokens: 50, outputTokens: 10, chunks: 10, gapMaxMs: 100 };
  return plainRecord({ firstTokenMs: 100, endMs: 1_000, ...tokens, ...overrides });
}

/** One answered request of the load phase for each end-to-end latency; the first token comes after a tenth of it. */
export function answeredIn(latenciesMs: readonly number[], overrides: Partial<RequestRecord> = {}): RequestRecord[] {
  return latenciesMs.map((endMs, index) =>
    madeRecord({ key: `r${index}`, endMs, firstTokenMs: endMs / 10, ...overrides }),
  );
}

/** A refused request, as its client sees it. */
export function refused(key: string, overrides: Partial<RequestRecord> = {}): RequestRecord {
  return madeRecord({
    key,
    status: 429,
    outcome: "rate-limited",
    reason: "rate_limit_exceeded",
    firstTokenMs: null,
    endMs: 20,
    outputTokens: 0,
    chunks: 0,
    gapMaxMs: 0,
    ...overrides,
  });
}

/** A complete live run of one minute of load with these records. */
export function madeRun(records: readonly RequestRecord[], manifest: Partial<RunManifest> = {}): Run {
  return {
    manifest: {
      formatVersion: "1.0",
      kind: "live",
      scenario: "made",
      scenarioText: "scenario: made\n",
      seed: 7,
      squallVersion: "0.1.0",
      engine: "native",
      gateway: "portkey 1.15.2",
      timeScale: 1,
      durationMs: 60_000,
      status: "complete",
      phases: [{ name: "load", startMs: 0, endMs: 60_000 }],
      providers: [],
      prices: "genai-prices 2026-11-02",
      profiles: [],
      ...manifest,
    },
    records,
    events: [],
  };
}

/** A ledger that counted nothing, but for what is given. */
export function madeLedger(overrides: Partial<ProviderLedger> = {}): ProviderLedger {
  return {
    provider: "openai",
    dialect: "openai",
    calls: 0,
    served: 0,
    refused: 0,
    failed: 0,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    wastedTokens: 0,
    cost: 0,
    unpricedModels: [],
    usage: [],
    limits: [],
    ...overrides,
  };
}

/** A scenario of which only the objectives matter. */
export function madeScenario(objectives: readonly Objective[] = []): Scenario {
  return {
    name: "made",
    about: "",
    seed: 7,
    traffic: {
      load: { kind: "open", segments: [] },
      requests: [],
      tenants: [],
      client: { timeoutMs: 60_000 },
      warmupRequests: 0,
    },
    providers: [],
    platform: { gateway: "direct", replicas: 1, routes: [], retries: { max: 0, on: [] } },
    timeline: [],
    objectives,
  };
}

export function objective(metric: string, comparison: Objective["comparison"], limit: number): Objective {
  return { metric, comparison, limit, text: `${comparison} ${limit}`, line: 1 };
}
