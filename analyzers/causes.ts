/**
 * Why requests failed, and what the slowest ones waited for: what only a simulation knows.
 *
 * A failed request has one cause. Where a budget, a limit or a client decided, that is it; a request refused for load while
 * retries made at least half of all calls of its minute fell to a retry storm; for any other it is whatever took most of its
 * time. Slow are the answered requests beyond the 99th percentile of end-to-end latency; their time is added up by part.
 */
import type { Finding } from "../core/finding.ts";
import { type Cause, e2eMs, isOk, type RequestRecord, type TimePart } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { formatDuration, minuteMs, type Ms } from "../core/time.ts";
import { formatShare, plural } from "../core/units.ts";
import { isFailed } from "./errors.ts";
import { recordsOf } from "./phases.ts";

export const causeNames: Readonly<Record<Cause, string>> = {
  budget: "the budget was spent",
  "tenant-limit": "its tenant asked for too much",
  "retry-storm": "retries had used up the provider's limits",
  "cold-start": "instances were still starting",
  instance: "no instance had room, or the instance failed",
  gateway: "the gateway was busy, or knew nobody to ask",
  provider: "the provider refused, failed or was slow",
  link: "the network was slow",
  client: "the request itself was wrong",
};

const partNames: Readonly<Record<TimePart, string>> = {
  "client-tries": "tries that failed",
  "client-waits": "the client's waits between tries",
  instance: "an instance with room",
  gateway: "the gateway's own work",
  "budget-queue": "money",
  "back-off": "the gateway's back-off",
  "failed-calls": "calls upstream that failed",
  "first-token": "the provider's first token",
  generation: "the provider's generation",
  network: "the network",
};

/** Calls per request of a minute from which retries are at least half of them. */
const stormAmplification = 2;

/** A part of the time, and how much of it. */
export interface PartShare {
  readonly part: TimePart;
  readonly name: string;
  readonly totalMs: Ms;
  /** Of all time of the requests looked at, 0..1. */
  readonly share: number;
}

/** Failed requests of the load phase by cause, most frequent first; empty where nobody knows. */
export function failuresByCause(run: Run): readonly { readonly cause: Cause; readonly count: number }[] {
  const counts = new Map<Cause, number>();
  for (const cause of failureCauses(run).values()) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].map(([cause, count]) => ({ cause, count })).toSorted((left, right) => right.count - left.count);
}

/** The same run, whose failed and slowest records of the load phase say their cause; unchanged where nobody knows. */
export function withCauses<T extends Run>(run: T): T {
  const causes = new Map(failureCauses(run));
  for (const record of slowestRecords(run)) causes.set(record, causeOfTime(record, run));
  if (causes.size === 0) return run;
  const explained = (record: RequestRecord): RequestRecord => {
    const cause = causes.get(record);
    return cause === undefined ? record : { ...record, cause };
  };
  return { ...run, records: run.records.map(explained) };
}

function failureCauses(run: Run): ReadonlyMap<RequestRecord, Cause> {
  const records = recordsOf(run, "load").filter(isExplained);
  const amplification = amplificationByMinute(records);
  return new Map(
    records
      .filter(isFailed)
      .map((record) => [record, causeOf(record, run, amplification.get(minuteOf(record)) ?? 1)] as const),
  );
}

/** The slowest hundredth of the answered requests, slowest first. */
function slowestRecords(run: Run): readonly RequestRecord[] {
  const answered = recordsOf(run, "load").filter((record) => isExplained(record) && isOk(record));
  return answered.toSorted((left, right) => e2eMs(right) - e2eMs(left)).slice(0, Math.ceil(answered.length / 100));
}

/** What the slowest hundredth of the answered requests waited for, longest first; undefined where nobody knows. */
export function slowestWaitedFor(
  run: Run,
): { readonly fromMs: Ms; readonly requests: number; readonly parts: readonly PartShare[] } | undefined {
  const slowest = slowestRecords(run);
  if (slowest.length === 0) return undefined;
  const totals = new Map<TimePart, Ms>();
  for (const { spent } of slowest) {
    for (const [part, partMs] of partsOf(spent)) totals.set(part, (totals.get(part) ?? 0) + partMs);
  }
  const allMs = [...totals.values()].reduce((sum, partMs) => sum + partMs, 0);
  const parts = [...totals].map(([part, totalMs]) => ({
    part,
    name: partNames[part],
    totalMs,
    share: totalMs / allMs,
  }));
  const last = slowest.at(-1);
  return {
    fromMs: last === undefined ? 0 : e2eMs(last),
    requests: slowest.length,
    parts: parts.toSorted((left, right) => right.totalMs - left.totalMs),
  };
}

/** Information only. */
export function causeFindings(run: Run): readonly Finding[] {
  const analyzer = "causes";
  const failures = failuresByCause(run).map(({ cause, count }) => ({
    analyzer,
    id: `causes.failed.${cause}`,
    title: `Failed because ${causeNames[cause]}`,
    measured: count,
    unit: "count" as const,
  }));
  const slowest = slowestWaitedFor(run);
  if (slowest === undefined) return failures;
  const { fromMs, requests, parts } = slowest;
  return [
    ...failures,
    {
      analyzer,
      id: "causes.slowest",
      title: "What the slowest 1 % waited for",
      samples: requests,
      detail: `${plural(requests, "request")} of ${formatDuration(fromMs)} or more: ${inWords(parts)}`,
    },
  ];
}

/** The parts that matter: `the provider's first token 71 %, the gateway's back-off 22 %`. */
function inWords(parts: readonly PartShare[]): string {
  return parts
    .filter(({ share }) => share >= 0.005)
    .map(({ name, share }) => `${name} ${formatShare(share)}`)
    .join(", ");
}

function isExplained(record: RequestRecord): boolean {
  return record.spent !== undefined;
}

function causeOf(record: RequestRecord, run: Run, amplification: number): Cause {
  const { outcome, reason } = record;
  if (reason.startsWith("budget-")) return "budget";
  if (reason.startsWith("tenant-")) return "tenant-limit";
  if (reason === "no-deployment" || reason === "gateway-off") return "gateway";
  if (reason === "bad-version" || reason === "queue-full" || reason === "no-upstream") return "instance";
  if (outcome === "rate-limited" && amplification >= stormAmplification) return "retry-storm";
  if (outcome === "rejected" && reason !== "gateway-timeout") return "client";
  return causeOfTime(record, run);
}

/** The part that took longest decides; a failure at once is whoever's answer it was. */
function causeOfTime(record: RequestRecord, run: Run): Cause {
  const [longest] = partsOf(record.spent).toSorted((left, right) => right[1] - left[1]);
  if (longest === undefined) return record.upstreamCalls > 0 ? "provider" : "instance";
  switch (longest[0]) {
    case "instance":
      return wasStarting(run, record) ? "cold-start" : "instance";
    case "gateway":
      return record.outcome === "timeout" || record.upstreamCalls === 0 ? "gateway" : "provider";
    case "network":
      return record.outcome === "timeout" ? "link" : "provider";
    case "budget-queue":
      return "budget";
    case "client-tries":
    case "client-waits":
    case "back-off":
    case "failed-calls":
    case "first-token":
    case "generation":
      return "provider";
  }
}

/** Whether some instance was on its way when the request came. */
function wasStarting({ manifest }: Run, { intendedMs }: RequestRecord): boolean {
  const counts = manifest.replicas?.counts.findLast(({ atMs }) => atMs <= intendedMs);
  return (counts?.starting ?? 0) > 0;
}

function amplificationByMinute(records: readonly RequestRecord[]): ReadonlyMap<number, number> {
  const minutes = Map.groupBy(records, minuteOf);
  return new Map(
    [...minutes].map(([minute, ofMinute]) => {
      const called = ofMinute.filter(({ upstreamCalls }) => upstreamCalls > 0);
      const calls = called.reduce((sum, { upstreamCalls }) => sum + upstreamCalls, 0);
      return [minute, called.length === 0 ? 1 : calls / called.length];
    }),
  );
}

function minuteOf({ intendedMs }: RequestRecord): number {
  return Math.floor(intendedMs / minuteMs);
}

function partsOf(spent: RequestRecord["spent"]): readonly (readonly [TimePart, Ms])[] {
  return Object.entries(spent ?? {}) as [TimePart, Ms][]; // its keys are parts, by its type
}
