/**
 * Runs that look like real ones, for looking at reports: ten people in conversations with a baseline, and a replayed hour that
 * runs into a token limit. Records tie to their ledger. A live and a simulated run of one seed differ by a little noise.
 */
import { randomStream, type RandomStream } from "../../core/random.ts";
import type { PhaseName, RequestRecord } from "../../core/record.ts";
import type { PhaseSpan, ProviderLedger, Run, RunEvent, RunManifest, UsageBin } from "../../core/run.ts";
import type { Objective, Scenario } from "../../core/scenario/scenario.ts";
import { madeLedger, madeRecord, madeRun, madeScenario } from "../analyzers/made-run.ts";

export interface SyntheticOptions {
  readonly kind: "live" | "simulated";
  readonly seed: number;
  /** Load latency over baseline latency in the ten-users run. */
  readonly slowdown?: number;
  /** Requests in the replayed hour. */
  readonly requests?: number;
}

const inputNano = 150;
const outputNano = 600;

/** Ten people, five conversations of five turns each, after one person alone has played the same. */
export function tenUsersRun({ kind, seed, slowdown = 1.03 }: SyntheticOptions): Run {
  const warmup = [0, 1, 2].map((index) =>
    asked({ key: `w${index}`, phase: "warmup", atMs: index * 2_500, kind, seed }),
  );
  const baselineStart = 8_000;
  const alone = conversations({ phase: "baseline", users: 1, startMs: baselineStart, slowdown: 1, kind, seed });
  const loadStart = endOf(alone) + 1_000;
  const together = conversations({ phase: "load", users: 10, startMs: loadStart, slowdown, kind, seed });
  const records = [...warmup, ...alone, ...together].toSorted((left, right) => left.endMs - right.endMs);
  const phases: readonly PhaseSpan[] = [
    { name: "warmup", startMs: 0, endMs: 7_500 },
    { name: "baseline", startMs: baselineStart, endMs: endOf(alone), users: 1 },
    { name: "load", startMs: loadStart, endMs: endOf(together), users: 10 },
  ];
  return assembled(records, phases, kind, { scenario: "ten-users", seed, tokensPerMinute: 200_000 });
}

/** An hour of arrivals with a busy half, against a token limit that the busy half exceeds. */
export function replayRun({ kind, seed, requests = 19_366 }: SyntheticOptions): Run {
  const hour = 3_600_000;
  const limitPerMs = 300_000 / 60_000;
  const arrivals = randomStream(seed).split("arrivals");
  let level = 300_000;
  let lastMs = 0;
  const records = Array.from({ length: requests }, (_, index) => {
    const atMs = (hour * (index + arrivals.uniform())) / requests;
    const busy = Math.sin((atMs / hour) * Math.PI * 2 - 1) > 0.2 ? 2.4 : 0.8;
    const request = asked({ key: `a${index}`, phase: "load", atMs, kind, seed, inputTokens: Math.round(900 * busy) });
    level = Math.min(300_000, level + (atMs - lastMs) * limitPerMs);
    lastMs = atMs;
    const charge = request.inputTokens + 400;
    if (charge > level) return turnedAway(request);
    level -= charge;
    return index % 1_711 === 5 ? brokenOff(request) : request;
  });
  const span: PhaseSpan = { name: "load", startMs: 0, endMs: hour };
  return assembled(records, [span], kind, { scenario: "replay-azure", seed, tokensPerMinute: 300_000 });
}

/** Objectives as the bundled scenarios set them. */
export function syntheticScenario(kind: "ten-users" | "replay"): Scenario {
  const objectives: readonly Objective[] =
    kind === "ten-users"
      ? [
          { metric: "errors", comparison: "==", limit: 0, text: "0", line: 31 },
          { metric: "degradation.ttft.p95", comparison: "<=", limit: 0.1, text: "<= 10%", line: 32 },
          { metric: "degradation.e2e.p95", comparison: "<=", limit: 0.1, text: "<= 10%", line: 33 },
          { metric: "ttft.p95", comparison: "<", limit: 2_000, text: "< 2s", line: 34 },
          { metric: "cost.per-hour", comparison: "<", limit: 5e9, text: "< $5", line: 35 },
        ]
      : [
          { metric: "goodput", comparison: ">", limit: 0.97, text: "> 97%", line: 21 },
          { metric: "ttft.p95", comparison: "<", limit: 2_000, text: "< 2s", line: 22 },
          { metric: "e2e.p95", comparison: "<", limit: 10_000, text: "< 10s", line: 23 },
          { metric: "tokens.of-limit.max", comparison: "<", limit: 0.9, text: "< 90%", line: 24 },
        ];
  return madeScenario(objectives);
}

interface Asked {
  readonly key: string;
  readonly phase: PhaseName;
  readonly atMs: number;
  readonly kind: "live" | "simulated";
  readonly seed: number;
  readonly inputTokens?: number;
  readonly slowdown?: number;
}

/** One answered request. What it asks for and its latency depend on seed and key; a live run adds up to 2 %. */
function asked({ key, phase, atMs, kind, seed, inputTokens, slowdown = 1 }: Asked): RequestRecord {
  const random = randomStream(seed).split(key);
  const tokens = inputTokens ?? Math.round(120 + 400 * random.exponential());
  const outputTokens = Math.max(8, Math.round(140 * Math.exp(0.5 * random.normal())));
  const noise = kind === "live" ? 1 + 0.02 * randomStream(seed).split("noise").split(`${phase}/${key}`).uniform() : 1;
  const ttft = (280 + 0.04 * tokens) * Math.exp(0.28 * random.normal()) * slowdown * noise;
  const perToken = 11 * Math.exp(0.12 * random.normal()) * noise;
  return madeRecord({
    key,
    phase,
    intendedMs: atMs,
    sentMs: atMs + (kind === "live" ? 0.4 : 0),
    firstTokenMs: atMs + ttft,
    endMs: atMs + ttft + perToken * (outputTokens - 1),
    inputTokens: tokens,
    outputTokens,
    chunks: outputTokens,
    gapMaxMs: perToken * 2,
    cost: tokens * inputNano + outputTokens * outputNano,
  });
}

interface Conversations {
  readonly phase: PhaseName;
  readonly users: number;
  readonly startMs: number;
  readonly slowdown: number;
  readonly kind: "live" | "simulated";
  readonly seed: number;
}

/** The same 50 conversations, dealt out to that many users. */
function conversations({ phase, users, startMs, slowdown, kind, seed }: Conversations): readonly RequestRecord[] {
  const clock: number[] = Array.from({ length: users }, (_, user) => startMs + user * 400);
  const think: RandomStream = randomStream(seed).split("think");
  const records: RequestRecord[] = [];
  for (let index = 0; index < 50; index++) {
    for (let turn = 0; turn < 5; turn++) {
      const user = index % users;
      const key = `u${index % 10}.s${Math.floor(index / 10)}.t${turn}`;
      const record = asked({ key, phase, atMs: clock[user] ?? startMs, kind, seed, slowdown });
      records.push(record);
      clock[user] = record.endMs + 200 * think.exponential();
    }
  }
  return records;
}

function turnedAway(request: RequestRecord): RequestRecord {
  const endMs = request.intendedMs + 24;
  const refusal = { status: 429, outcome: "rate-limited", reason: "rate_limit_exceeded" } as const;
  return { ...request, ...refusal, firstTokenMs: null, endMs, outputTokens: 0, chunks: 0, gapMaxMs: 0, cost: 0 };
}

function brokenOff(request: RequestRecord): RequestRecord {
  const received = Math.floor(request.outputTokens / 2);
  const wasted = request.outputTokens - received;
  const failure = { outcome: "cut-stream", reason: "no_finish_reason" } as const;
  return { ...request, ...failure, outputTokens: received, chunks: received, wastedTokens: wasted };
}

interface Assembly {
  readonly scenario: string;
  readonly seed: number;
  readonly tokensPerMinute: number;
}

function assembled(
  records: readonly RequestRecord[],
  phases: readonly PhaseSpan[],
  kind: "live" | "simulated",
  { scenario, seed, tokensPerMinute }: Assembly,
): Run {
  const durationMs = Math.max(...phases.map((phase) => phase.endMs));
  const manifest: Partial<RunManifest> = {
    kind,
    scenario,
    scenarioText: `scenario: ${scenario}\nseed: ${seed}\n`,
    seed,
    engine: kind === "live" ? "native" : "simulator",
    durationMs,
    phases,
    providers: [ledgerOf(records, tokensPerMinute, durationMs)],
    profiles: [
      { name: "hosted-small", status: "modelled", source: "Artificial Analysis, 2026-10, median over 14 days" },
      { name: "portkey 1.15.2", status: "assumed", source: "measured on one laptop, 2026-11-02" },
    ],
    ...(kind === "live"
      ? {
          startedAt: "2026-11-20T09:00:00Z",
          environment: { node: "24.21.0", platform: "linux x64", cpus: "2" },
          generator: {
            latenessP50Ms: 0.4,
            latenessP99Ms: 2.1,
            latenessMaxMs: 6.4,
            loopUtilization: 0.18,
            overload: "",
          },
        }
      : {}),
  };
  const events: readonly RunEvent[] =
    scenario === "replay-azure"
      ? [
          { atMs: 1_200_000, kind: "fault-on", subject: "openai", text: "latency times 1.5 for gpt-4o-mini" },
          { atMs: 1_500_000, kind: "fault-off", subject: "openai", text: "latency is as before" },
        ]
      : [];
  return { ...madeRun(records, manifest), events };
}

function ledgerOf(records: readonly RequestRecord[], tokensPerMinute: number, durationMs: number): ProviderLedger {
  const widthMs = 10_000;
  const usage: UsageBin[] = Array.from({ length: Math.ceil(durationMs / widthMs) }, (_, index) =>
    usageOf(
      records.filter((record) => Math.floor(record.intendedMs / widthMs) === index),
      index * widthMs,
      widthMs,
    ),
  );
  const all = usageOf(records, 0, durationMs);
  return madeLedger({
    calls: all.calls,
    served: all.calls - all.refused,
    refused: all.refused,
    inputTokens: all.inputTokens,
    outputTokens: all.outputTokens,
    wastedTokens: records.reduce((sum, record) => sum + record.wastedTokens, 0),
    cost: all.cost,
    usage,
    limits: [{ model: "gpt-4o-mini", requestsPerMinute: 2_000, tokensPerMinute }],
  });
}

function usageOf(records: readonly RequestRecord[], startMs: number, widthMs: number): UsageBin {
  const served = records.filter((record) => record.status !== 429);
  const sum = (field: (record: RequestRecord) => number): number =>
    served.reduce((total, record) => total + field(record), 0);
  return {
    startMs,
    widthMs,
    calls: records.length,
    refused: records.length - served.length,
    chargedTokens: sum((record) => record.inputTokens + 400),
    inputTokens: sum((record) => record.inputTokens),
    outputTokens: sum((record) => record.outputTokens + record.wastedTokens),
    cost: sum((record) => record.cost),
  };
}

function endOf(records: readonly RequestRecord[]): number {
  return Math.max(...records.map((record) => record.endMs));
}
