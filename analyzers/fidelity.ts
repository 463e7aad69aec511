/**
 * Fidelity: how far a simulation is from the live run of the same scenario.
 *
 * Errors are (simulated - live) / live. The targets are this project's own (ARCHITECTURE.md, "Numbers to beat"); a row without a
 * target is shown and not judged. Both runs are looked at in their load phase alone.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import { gatewayProfile, gatewayProfileNames } from "../behavior/gateway-profiles/profiles.ts";
import type { Finding, Unit } from "../core/finding.ts";
import { isOk, outcomes, type RequestRecord } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { costOf } from "./cost.ts";
import { outcomeCounts } from "./errors.ts";
import { bandFigures, type Match } from "./fidelity-bands.ts";
import { type LatencyKind, latencies, latencyKinds, latencyNames, latencyOf } from "./latency.ts";
import { percentile, summarize } from "./percentile.ts";
import { replicaFidelity, type ReplicaFidelity } from "./replica-fidelity.ts";
import { recordsOf } from "./phases.ts";

export interface Fidelity {
  readonly rows: readonly FidelityRow[];
  /** Requests that both runs answered, matched by key. */
  readonly paired: number;
  /** Requests that only one of the runs has. */
  readonly unpaired: number;
}

export interface FidelityRow {
  /** `e2e.p99`, `outcome.rate-limited`, `tokens.output`, `cost.total`, `paired.ttft`. */
  readonly metric: string;
  readonly title: string;
  readonly unit: Unit;
  /** Absent where that run has no such sample. */
  readonly live?: number;
  readonly simulated?: number;
  /** (simulated - live) / live; 0 when both are 0; absent when live is 0 and simulated is not, or one of them is missing. */
  readonly error?: number;
  /** How far apart they are, in the unit, where a relative error says nothing; simulated less live where it has a sign. */
  readonly apart?: number;
  /** Largest error allowed, as a fraction; absent where the project sets none. */
  readonly target?: number;
  /** Whether the target is met; absent where there is none. A missing error meets no target. */
  readonly within?: boolean;
}

/** Largest relative error by metric (ARCHITECTURE.md, "Numbers to beat": simulation against a live replay). */
export const fidelityTargets: Readonly<Record<string, number>> = {
  "e2e.mean": 0.05,
  "e2e.p99": 0.15,
  "ttft.mean": 0.1,
  "outcome.rate-limited": 0.05,
  "cost.total": 0.01,
};

/** Compares a live run with the simulation of the same scenario. `profile`: what was simulated as its gateway, unless its name says it. */
export function compareRuns(
  live: Run,
  simulated: Run,
  profile: GatewayProfile | undefined = profileOf(simulated),
): Fidelity {
  const liveRecords = recordsOf(live, "load");
  const simulatedRecords = recordsOf(simulated, "load");
  const matched = matchByKey(liveRecords, simulatedRecords);
  return {
    rows: [
      ...latencyKinds.flatMap((kind) => latencyRows(kind, liveRecords, simulatedRecords)),
      ...countRows(liveRecords, simulatedRecords),
      row("cost.total", "Cost", "money", costOf(live)?.total, costOf(simulated)?.total),
      ...replicaRows(replicaFidelity(live, simulated)),
      ...(["ttft", "e2e"] as const).flatMap((kind) => pairedRow(kind, matched)),
      ...(profile === undefined ? [] : bandFigures(live, matched, profile)).map((band) =>
        row(band.metric, band.title, "ms", band.live, band.simulated),
      ),
    ],
    paired: matched.length,
    unpaired: liveRecords.length + simulatedRecords.length - 2 * sharedKeys(liveRecords, simulatedRecords),
  };
}

/** By the name before its version; undefined for one that came from a file. */
function profileOf({ manifest }: Run): GatewayProfile | undefined {
  const [name = ""] = manifest.gateway.split(" ");
  return gatewayProfileNames.includes(name) ? gatewayProfile(name) : undefined;
}

/** A finding for each row that has a target. */
export function fidelityFindings(fidelity: Fidelity): readonly Finding[] {
  return fidelity.rows.flatMap((one) => (one.target === undefined ? [] : [fidelityFinding(one, one.target, fidelity)]));
}

function fidelityFinding(one: FidelityRow, target: number, fidelity: Fidelity): Finding {
  const missing = one.live === undefined || one.simulated === undefined;
  return {
    analyzer: "fidelity",
    id: `fidelity.${one.metric}`,
    title: `Simulated against live: ${one.title}`,
    judgement: missing ? "inconclusive" : one.within === true ? "pass" : "fail",
    ...(one.error === undefined ? {} : { measured: one.error }),
    unit: "share",
    limit: `within ${Number((target * 100).toFixed(2))} %`,
    samples: fidelity.paired,
    ...(missing ? { detail: "one of the runs measured none" } : {}),
    ...(!missing && one.error === undefined ? { detail: `live counted none, simulated ${one.simulated}` } : {}),
  };
}

/** One row; relative error, target and verdict follow from the two values. */
function row(
  metric: string,
  title: string,
  unit: Unit,
  live: number | undefined,
  simulated: number | undefined,
): FidelityRow {
  const error = relativeError(live, simulated);
  const target = fidelityTargets[metric];
  return {
    metric,
    title,
    unit,
    ...(live === undefined ? {} : { live }),
    ...(simulated === undefined ? {} : { simulated }),
    ...(error === undefined ? {} : { error }),
    ...(target === undefined ? {} : { target, within: error !== undefined && Math.abs(error) <= target }),
  };
}

function relativeError(live: number | undefined, simulated: number | undefined): number | undefined {
  if (live === undefined || simulated === undefined) return undefined;
  if (live === simulated) return 0;
  return live === 0 ? undefined : (simulated - live) / live;
}

function latencyRows(
  kind: LatencyKind,
  live: readonly RequestRecord[],
  simulated: readonly RequestRecord[],
): readonly FidelityRow[] {
  const left = summarize(latencies(live, kind));
  const right = summarize(latencies(simulated, kind));
  if (left === undefined && right === undefined) return [];
  return (["mean", "p50", "p95", "p99"] as const).map((name) =>
    row(`${kind}.${name}`, `${latencyNames[kind]}, ${name}`, "ms", left?.[name], right?.[name]),
  );
}

function countRows(live: readonly RequestRecord[], simulated: readonly RequestRecord[]): readonly FidelityRow[] {
  const left = outcomeCounts(live);
  const right = outcomeCounts(simulated);
  const shown = outcomes.filter(
    (outcome) => outcome === "rate-limited" || (left.get(outcome) ?? 0) + (right.get(outcome) ?? 0) > 0,
  );
  return [
    row("requests", "Requests", "count", live.length, simulated.length),
    ...shown.map((outcome) =>
      row(`outcome.${outcome}`, `Requests that ended ${outcome}`, "count", left.get(outcome), right.get(outcome)),
    ),
    ...upstreamRows(live, simulated),
    row("tokens.input", "Input tokens", "tokens", sumTokens(live, "inputTokens"), sumTokens(simulated, "inputTokens")),
    row(
      "tokens.output",
      "Output tokens",
      "tokens",
      sumTokens(live, "outputTokens"),
      sumTokens(simulated, "outputTokens"),
    ),
  ];
}

/** What the providers saw of it: retries and fallbacks, and tokens that nobody received. */
function upstreamRows(live: readonly RequestRecord[], simulated: readonly RequestRecord[]): readonly FidelityRow[] {
  const sums = (of: (record: RequestRecord) => number): readonly [number, number] => [
    live.reduce((sum, record) => sum + of(record), 0),
    simulated.reduce((sum, record) => sum + of(record), 0),
  ];
  return [
    row("upstream.calls", "Calls upstream", "count", ...sums(({ upstreamCalls }) => upstreamCalls)),
    row("upstream.repeated", "Calls upstream after the first", "count", ...sums(callsAgain)),
    row("tokens.wasted", "Tokens for nobody", "tokens", ...sums(({ wastedTokens }) => wastedTokens)),
  ];
}

function callsAgain({ upstreamCalls }: RequestRecord): number {
  return Math.max(0, upstreamCalls - 1);
}

function replicaRows(replicas: ReplicaFidelity | undefined): readonly FidelityRow[] {
  if (replicas === undefined) return [];
  const { ready, distance, decisions, shiftMs } = replicas;
  return [
    row("replicas.ready", "Replicas that serve, mean", "count", ready.live, ready.simulated),
    { metric: "replicas.distance", title: "Replicas that serve, mean distance", unit: "count", apart: distance },
    row("scaling.decisions", "Decisions to scale", "count", decisions.live, decisions.simulated),
    ...(shiftMs === undefined
      ? []
      : [{ metric: "scaling.shift", title: "Decisions to scale, median shift", unit: "ms", apart: shiftMs } as const]),
  ];
}

/** Median of |simulated - live| / live over single requests: what the summaries can hide when errors cancel. */
function pairedRow(kind: LatencyKind, matched: readonly Match[]): readonly FidelityRow[] {
  const errors = matched.flatMap(({ live, simulated }) => {
    const before = latencyOf(live, kind);
    const after = latencyOf(simulated, kind);
    return before === undefined || after === undefined || before <= 0 ? [] : [Math.abs(after - before) / before];
  });
  const error = percentile(errors, 0.5);
  if (error === undefined) return [];
  return [{ metric: `paired.${kind}`, title: `${latencyNames[kind]}, median error of one request`, unit: "ms", error }];
}

function matchByKey(live: readonly RequestRecord[], simulated: readonly RequestRecord[]): readonly Match[] {
  const byKey = new Map(simulated.map((record) => [record.key, record]));
  return live.flatMap((record) => {
    const partner = byKey.get(record.key);
    return partner === undefined || !isOk(record) || !isOk(partner) ? [] : [{ live: record, simulated: partner }];
  });
}

function sharedKeys(live: readonly RequestRecord[], simulated: readonly RequestRecord[]): number {
  const keys = new Set(simulated.map((record) => record.key));
  return live.filter((record) => keys.has(record.key)).length;
}

function sumTokens(records: readonly RequestRecord[], field: "inputTokens" | "outputTokens"): number {
  return records.reduce((sum, record) => sum + (isOk(record) ? record[field] : 0), 0);
}
