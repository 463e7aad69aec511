/**
 * Flapping: a fleet that is scaled one way and, shortly after, back.
 *
 * A **reversal** is a change of the wished number followed by the opposite change within W = max(scale-down delay and one
 * question, 2 x start-up). It is **unjustified** when the offered load, which a simulation knows, had not moved the same way
 * meanwhile. Where the load was constant from W before the first change on, after the run had W to warm up, the reversal
 * is a **limit cycle**: the policy drives itself, and that is always a failure.
 *
 * No two sources define flapping by number (Kubernetes calls it thrashing, Azure a change that triggers its opposite), so
 * this definition is ours. Beside it stand the shares of time with too few and with too many replicas (the timeshares of
 * Herbst et al., "BUNGEE: An Elasticity Benchmark for Self-Adaptive IaaS Cloud Environments", SEAMS 2015).
 */
import type { Finding } from "../core/finding.ts";
import type { NanoDollars } from "../core/money.ts";
import type { DemandBin, PhaseSpan, ReplicaAccount, ReplicaCounts, Run, ScalingAccount } from "../core/run.ts";
import { formatDuration, hourMs, minuteMs, type Ms, secondMs } from "../core/time.ts";

export interface Flapping {
  readonly changes: readonly ScaleChange[];
  readonly reversals: readonly Reversal[];
  /** Undefined in a load phase of no length. */
  readonly reversalsPerHour: number | undefined;
  /** Most replicas that one reversal undid. */
  readonly amplitude: number;
  /** Replica time that unjustified reversals cost: what was started for nothing, or had to be started again. */
  readonly wastedMs: Ms;
  readonly wastedCost: NanoDollars;
  /**
   * Share of the load phase in which the load kept more replicas busy than were ready: a fleet that falls behind. Undefined
   * where nobody knows what a request takes of a replica, as of pods without metrics.
   */
  readonly underShare: number | undefined;
  /** Share of it in which even one replica less would have been busy less than half of the time; undefined like the other. */
  readonly overShare: number | undefined;
  /** Most and fewest replicas that were ready, and the mean over time. */
  readonly readyMax: number;
  readonly readyMin: number;
  readonly readyMean: number;
}

export interface ScaleChange {
  readonly atMs: Ms;
  readonly from: number;
  readonly to: number;
}

export interface Reversal {
  readonly first: ScaleChange;
  readonly second: ScaleChange;
  /** Replicas that the second change undid. */
  readonly undone: number;
  readonly isJustified: boolean;
  readonly isLimitCycle: boolean;
}

/** Load that moved by less than this has not moved; so has load whose change three standard errors explain. */
const loadTolerance = 0.1;
const standardErrors = 3;

/** The load at an instant is the mean over this long before it; less where the two changes are so near that it would cover both. */
const loadWindowMs: Ms = minuteMs;

/** Below this, one replica less would do. */
const idleShare = 0.5;

/** How the replicas fared in the load phase; undefined when nobody wrote down how many there were. */
export function flappingOf({ manifest }: Run): Flapping | undefined {
  const { replicas, scaling } = manifest;
  const load = manifest.phases.find(({ name }) => name === "load");
  if (replicas === undefined || load === undefined) return undefined;
  const windowMs = reversalWindowMs(replicas, scaling);
  const changes = scaleChanges(replicas.counts, load);
  const reversals = changes.flatMap((second, index): Reversal[] => {
    const first = changes[index - 1];
    return first === undefined || !isReversal(first, second, windowMs)
      ? []
      : [describe(first, second, replicas.demand, load.startMs, windowMs)];
  });
  const wastedMs = reversals
    .filter(({ isJustified }) => !isJustified)
    .reduce((sum, reversal) => sum + wasteOf(reversal, replicas.startupMs), 0);
  const lengthMs = load.endMs - load.startMs;
  return {
    changes,
    reversals,
    reversalsPerHour: lengthMs > 0 ? reversals.length / (lengthMs / hourMs) : undefined,
    amplitude: Math.max(0, ...reversals.map(({ undone }) => undone)),
    wastedMs,
    wastedCost: Math.round(replicas.hourly * (wastedMs / hourMs)),
    ...provisioning(replicas, load, scaling?.minReplicas ?? 1),
  };
}

/** W: the opposite change within this time makes a change a reversal. */
export function reversalWindowMs(
  { startupMs }: Pick<ReplicaAccount, "startupMs">,
  scaling: Pick<ScalingAccount, "scaleDownDelayMs" | "syncMs"> | undefined,
): Ms {
  // Whoever waits out the delay acts at the first question after it.
  const delayMs = scaling === undefined ? 0 : scaling.scaleDownDelayMs + scaling.syncMs;
  return Math.max(delayMs, 2 * startupMs);
}

/** What a run says of its scaling, as findings; only a limit cycle is judged. */
export function flappingFindings(run: Run): readonly Finding[] {
  const flapping = flappingOf(run);
  if (flapping === undefined) return [];
  const { scaling } = run.manifest;
  return [...(scaling === undefined ? [] : [...limitCycle(flapping), ...figures(flapping)]), ...provisioned(flapping)];
}

function limitCycle({ reversals }: Flapping): readonly Finding[] {
  const cycles = reversals.filter((reversal) => reversal.isLimitCycle);
  const [first] = cycles;
  if (first === undefined) return [];
  return [
    {
      analyzer: "scaling",
      id: "scaling.limit-cycle",
      title: "Scaling swings by itself",
      judgement: "fail",
      measured: cycles.length,
      unit: "count",
      limit: "0",
      detail: `${inWords(first)}, while the load stayed the same`,
    },
  ];
}

function figures(flapping: Flapping): readonly Finding[] {
  const { changes, reversals, reversalsPerHour, amplitude, wastedMs, wastedCost } = flapping;
  const about = { analyzer: "scaling", samples: changes.length } as const;
  const counted = {
    ...about,
    id: "scaling.reversals",
    title: "Scale events undone shortly after",
    measured: reversals.length,
    unit: "count",
  } as const;
  if (reversals.length === 0) return [counted];
  const unjustified = reversals.filter(({ isJustified }) => !isJustified);
  const words = [
    ...(reversalsPerHour === undefined ? [] : [`${Number(reversalsPerHour.toFixed(1))} an hour`]),
    `${unjustified.length} not called for by the load`,
    ...unjustified.slice(0, 1).map(inWords),
  ];
  return [
    { ...counted, detail: words.join("; ") },
    { ...about, id: "scaling.amplitude", title: "Most replicas undone at once", measured: amplitude, unit: "count" },
    { ...about, id: "scaling.wasted", title: "Replica time that reversals wasted", measured: wastedMs, unit: "ms" },
    { ...about, id: "scaling.wasted.cost", title: "Paid for that time", measured: wastedCost, unit: "money" },
  ];
}

function provisioned({ underShare, overShare, readyMax, readyMin, readyMean }: Flapping): readonly Finding[] {
  const most = {
    analyzer: "scaling",
    id: "scaling.replicas.max",
    title: "Most replicas that served",
    measured: readyMax,
    unit: "count",
    detail: `at least ${readyMin}, ${Number(readyMean.toFixed(1))} on average`,
  } as const;
  if (underShare === undefined || overShare === undefined) return [most];
  return [
    most,
    {
      analyzer: "scaling",
      id: "scaling.under",
      title: "Time with fewer replicas than the load kept busy",
      measured: underShare,
      unit: "share",
    },
    {
      analyzer: "scaling",
      id: "scaling.over",
      title: "Time in which one replica less would have been less than half busy",
      measured: overShare,
      unit: "share",
    },
  ];
}

/** Changes of the wished number during the load phase. */
function scaleChanges(counts: readonly ReplicaCounts[], load: PhaseSpan): readonly ScaleChange[] {
  return counts.flatMap(({ atMs, wished }, index): ScaleChange[] => {
    const from = counts[index - 1]?.wished ?? wished;
    return from === wished || atMs < load.startMs || atMs > load.endMs ? [] : [{ atMs, from, to: wished }];
  });
}

function isReversal(first: ScaleChange, second: ScaleChange, windowMs: Ms): boolean {
  return stepOf(first) * stepOf(second) < 0 && second.atMs - first.atMs <= windowMs;
}

function describe(
  first: ScaleChange,
  second: ScaleChange,
  demand: readonly DemandBin[],
  loadStartMs: Ms,
  windowMs: Ms,
): Reversal {
  const undone = Math.min(Math.abs(stepOf(first)), Math.abs(stepOf(second)));
  const meanMs = Math.min(loadWindowMs, (second.atMs - first.atMs) / 2);
  const before = loadOver(demand, first.atMs - meanMs, first.atMs);
  const after = loadOver(demand, second.atMs - meanMs, second.atMs);
  const isJustified = movedBy(before, after) * stepOf(second) > 0;
  const settledMs = first.atMs - windowMs;
  const isLimitCycle = !isJustified && settledMs >= loadStartMs && isConstant(demand, settledMs, second.atMs, meanMs);
  return { first, second, undone, isJustified, isLimitCycle };
}

/** Up, then down: what was started for nothing, while it was there. Down, then up: what had to be started again. */
function wasteOf({ first, second, undone }: Reversal, startupMs: Ms): Ms {
  return undone * (stepOf(first) > 0 ? second.atMs - first.atMs : startupMs);
}

interface Load {
  /** Replicas kept busy; requests a second where nobody knows what those take of a replica. */
  readonly mean: number;
  readonly arrived: number;
}

/** Mean load between two instants, by the bins that reach into that time. */
function loadOver(demand: readonly DemandBin[], fromMs: Ms, toMs: Ms): Load {
  const bins = demand.filter(({ startMs, widthMs }) => startMs + widthMs > fromMs && startMs < toMs);
  const loads = bins.map(({ replicas, arrived, widthMs }) => replicas ?? arrived / (widthMs / secondMs));
  return {
    mean: loads.reduce((sum, load) => sum + load, 0) / Math.max(1, bins.length),
    arrived: bins.reduce((sum, bin) => sum + bin.arrived, 0),
  };
}

/** Relative change of the load, 0 when it is within what tolerance and chance explain. */
function movedBy(before: Load, after: Load): number {
  const larger = Math.max(before.mean, after.mean);
  if (larger === 0) return 0;
  const change = (after.mean - before.mean) / larger;
  const chance = standardErrors / Math.sqrt(Math.max(1, Math.min(before.arrived, after.arrived)));
  return Math.abs(change) <= Math.max(loadTolerance, chance) ? 0 : change;
}

/** Whether every stretch of `meanMs` between two instants, counted back from the later, has the same load as all of them together. */
function isConstant(demand: readonly DemandBin[], fromMs: Ms, toMs: Ms, meanMs: Ms): boolean {
  const all = loadOver(demand, fromMs, toMs);
  for (let endMs = toMs; endMs - meanMs >= fromMs; endMs -= meanMs) {
    if (movedBy(all, loadOver(demand, endMs - meanMs, endMs)) !== 0) return false;
  }
  return true;
}

/** Replicas against demand, bin by bin, over the load phase. */
function provisioning(
  { counts, demand }: ReplicaAccount,
  load: PhaseSpan,
  leastReplicas: number,
): Pick<Flapping, "underShare" | "overShare" | "readyMax" | "readyMin" | "readyMean"> {
  const bins = demand.filter(({ startMs }) => startMs >= load.startMs && startMs < load.endMs);
  const readyAtBins = bins.map(({ startMs, widthMs }) => readyAt(counts, startMs + widthMs / 2));
  const needs = bins.flatMap(({ replicas }) => replicas ?? []);
  const share = (holds: (needed: number, ready: number) => boolean): number | undefined =>
    needs.length < bins.length
      ? undefined
      : needs.filter((needed, index) => holds(needed, readyAtBins[index] ?? 0)).length / Math.max(1, needs.length);
  const ready = [
    readyAt(counts, load.startMs),
    ...counts.filter(({ atMs }) => atMs >= load.startMs && atMs <= load.endMs).map((count) => count.ready),
  ];
  return {
    underShare: share((needed, there) => there < needed),
    overShare: share((needed, there) => there > Math.max(1, leastReplicas) && needed < idleShare * (there - 1)),
    readyMax: Math.max(...ready),
    readyMin: Math.min(...ready),
    readyMean: readyAtBins.reduce((sum, there) => sum + there, 0) / Math.max(1, bins.length),
  };
}

/** Replicas that got requests at an instant. */
export function readyAt(counts: readonly ReplicaCounts[], atMs: Ms): number {
  return counts.findLast((count) => count.atMs <= atMs)?.ready ?? 0;
}

function stepOf({ from, to }: ScaleChange): number {
  return to - from;
}

function inWords({ first, second }: Reversal): string {
  const apart = formatDuration(second.atMs - first.atMs);
  return `${first.from} -> ${first.to}, and ${apart} later ${second.from} -> ${second.to}`;
}
