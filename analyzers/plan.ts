/**
 * A plan: many candidates, each simulated several times under the same luck, and what follows from them. Which of them hold the
 * objectives, what each costs, which nobody beats, and at what load each breaks first.
 */
import type { Judgement, Unit } from "../core/finding.ts";
import type { NanoDollars } from "../core/money.ts";
import type { Setting } from "../core/scenario/override.ts";
import type { Objective } from "../core/scenario/scenario.ts";
import { frontierOf } from "./frontier.ts";
import { judgeInterval } from "./objectives.ts";
import { type Estimate, estimate } from "./replications.ts";
import type { RunSummary } from "./run-summary.ts";

/** Grows its minor part when fields are added. */
export const planFormatVersion = "1.0";

export interface Plan {
  readonly formatVersion: string;
  readonly scenario: string;
  readonly seed: number;
  readonly squallVersion: string;
  readonly trace: string | null;
  /** Digest of everything that was asked for; the parts of one sweep have the same. */
  readonly asked: string;
  readonly method: "grid" | "random" | "halving";
  /** Of each candidate; with halving, of the last ones left. */
  readonly replications: number;
  /** Candidates of the whole sweep. */
  readonly size: number;
  /** The part of it that is here; null: all of it. */
  readonly shard: { readonly index: number; readonly count: number } | null;
  readonly status: "complete" | "interrupted";
  readonly breakPoints: BreakPointChoice;
  /** Concurrent users, where the load is a closed one. */
  readonly users: number | null;
  readonly objectives: readonly (Objective & { readonly unit: Unit })[];
  /** Combinations that make no sense, such as more replicas at first than at most, each with the reason. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  /** By position. Those that were not played are not here. */
  readonly candidates: readonly PlanCandidate[];
}

/** Whose break point is looked for. */
export type BreakPointChoice = "frontier" | "all" | "none";

export interface PlanCandidate {
  /** In the whole sweep, from 0. */
  readonly position: number;
  readonly name: string;
  /** Name of the scaling config; null: as the scenario has it, or none. */
  readonly scaling: string | null;
  readonly settings: readonly Setting[];
  /** One for each replication, in order. */
  readonly runs: readonly RunSummary[];
  readonly breakPoint: BreakPoint | null;
}

/** Where a candidate breaks: at which multiple of the load, and of what. */
export interface BreakPoint {
  /** Largest multiple of the load that was seen to hold; null: none was. */
  readonly heldAt: number | null;
  /** Smallest that was seen to miss; null: none was, up to the largest that could be played. */
  readonly missedAt: number | null;
  /** The same in concurrent users, where the load is a closed one. */
  readonly users: { readonly heldAt: number | null; readonly missedAt: number | null } | null;
  /** Other seeds agree on both loads. */
  readonly isConfirmed: boolean;
  /** Objective that is missed first: the one missed by most, at the load at which any is. */
  readonly objective: string | null;
  readonly cause: BreakCause | null;
  readonly simulations: number;
}

export interface BreakCause {
  readonly kind: "provider-quota" | "provider-failures" | "replicas" | "money" | "limit-cycle" | "time";
  readonly words: string;
}

/** What follows from a plan. */
export interface Assessment {
  /** Best first. */
  readonly ranking: readonly RankedCandidate[];
  /** Positions, cheapest first. */
  readonly frontier: readonly number[];
}

export interface RankedCandidate {
  readonly position: number;
  readonly name: string;
  /** Worst of its objectives; a limit cycle fails. Without objectives: inconclusive. */
  readonly judgement: Judgement;
  readonly objectives: readonly JudgedObjective[];
  /** Providers and gateway replicas together; null where nobody knows what anything costs. */
  readonly costPerHour: Estimate | null;
  /** What it costs more than the best one, replication by replication; null for the best one itself. */
  readonly costAboveBest: Estimate | null;
  /** Least room to any limit, as a fraction of the limit, at the worse end of the interval. Negative: missed. */
  readonly margin: number;
  readonly isOnFrontier: boolean;
  readonly hasLimitCycle: boolean;
}

export interface JudgedObjective {
  readonly metric: string;
  readonly limit: string;
  readonly unit: Unit;
  /** null: there was nothing to measure. */
  readonly estimate: Estimate | null;
  readonly judgement: Judgement;
  /** null: it has a limit of 0, which leaves no room to speak of. */
  readonly margin: number | null;
}

/** Ranks the candidates: those that hold by cost, the others by how near they come. */
export function assess(plan: Pick<Plan, "objectives" | "candidates">): Assessment {
  const assessed = plan.candidates.map((candidate) => ({ candidate, ...standing(candidate, plan.objectives) }));
  const frontier = frontierOf(
    assessed.map(({ candidate, costPerHour, margin }) => ({
      position: candidate.position,
      cost: costPerHour?.mean ?? 0,
      margin,
    })),
  ).map(({ position }) => position);
  const sorted = assessed.toSorted(
    (left, right) =>
      rank[left.judgement] - rank[right.judgement] ||
      (left.judgement === "pass" ? 0 : right.margin - left.margin) ||
      (left.costPerHour?.mean ?? 0) - (right.costPerHour?.mean ?? 0) ||
      right.margin - left.margin ||
      left.candidate.position - right.candidate.position,
  );
  const [best] = sorted;
  return {
    ranking: sorted.map(({ candidate, ...about }) => ({
      position: candidate.position,
      name: candidate.name,
      ...about,
      costAboveBest: best === undefined || candidate === best.candidate ? null : costAbove(candidate, best.candidate),
      isOnFrontier: frontier.includes(candidate.position),
    })),
    frontier,
  };
}

const rank: Readonly<Record<Judgement, number>> = { pass: 0, inconclusive: 1, fail: 2 };

type Standing = Pick<RankedCandidate, "judgement" | "objectives" | "costPerHour" | "margin" | "hasLimitCycle">;

/** How a candidate stands by itself. */
export function standing({ runs }: Pick<PlanCandidate, "runs">, objectives: Plan["objectives"]): Standing {
  const judged = objectives.map((objective) => judgeObjective(runs, objective));
  const hasLimitCycle = runs.some((run) => run.hasLimitCycle);
  const judgements = judged.map(({ judgement }) => judgement);
  const judgement: Judgement =
    hasLimitCycle || judgements.includes("fail")
      ? "fail"
      : judgements.length === 0 || judgements.includes("inconclusive")
        ? "inconclusive"
        : "pass";
  const costs = runs.flatMap((run) => costPerHourOf(run) ?? []);
  return {
    judgement,
    objectives: judged,
    costPerHour: estimate(costs) ?? null,
    margin: Math.min(...judged.flatMap(({ margin }) => margin ?? []), noMarginAbove),
    hasLimitCycle,
  };
}

/** Room of a candidate that has no limit to keep room to. */
const noMarginAbove = 1;

function judgeObjective(runs: readonly RunSummary[], objective: Plan["objectives"][number]): JudgedObjective {
  const { metric, text, unit } = objective;
  const about = { metric, limit: text, unit };
  const values = runs.flatMap(({ figures }) => figures[metric] ?? []);
  const estimated = values.length < runs.length ? undefined : estimate(values);
  if (estimated === undefined) return { ...about, estimate: null, judgement: "inconclusive", margin: -1 };
  const judgement = judgeInterval(estimated.interval, objective);
  return { ...about, estimate: estimated, judgement, margin: marginOf(estimated.interval, objective) };
}

/** Room to the limit, as a fraction of it. Of a limit of 0 there is none, or it is missed by all of it. */
function marginOf(
  [low, high]: readonly [number, number],
  { comparison, limit }: Pick<Objective, "comparison" | "limit">,
): number | null {
  const isLeast = comparison === ">" || comparison === ">=";
  if (comparison === "==" || limit === 0) {
    const isMet = isLeast || (low === limit && high === limit);
    return isMet ? null : -1;
  }
  return isLeast ? (low - limit) / limit : (limit - high) / limit;
}

/** Providers and replicas together; undefined where neither has a price. */
export function costPerHourOf({ figures }: RunSummary): NanoDollars | undefined {
  const providers = figures["cost.per-hour"] ?? null;
  const replicas = figures["cost.replicas.per-hour"] ?? null;
  return providers === null && replicas === null ? undefined : (providers ?? 0) + (replicas ?? 0);
}

/** Paired by replication: both met the same luck, so its share cancels out. */
function costAbove(candidate: PlanCandidate, best: PlanCandidate): Estimate | null {
  const differences = candidate.runs.flatMap((run, replication) => {
    const other = best.runs[replication];
    const [cost, costOfBest] = [costPerHourOf(run), other === undefined ? undefined : costPerHourOf(other)];
    return cost === undefined || costOfBest === undefined ? [] : [cost - costOfBest];
  });
  return estimate(differences) ?? null;
}
