/** What every form of a plan's report says in the same words. */
import { causeName, describeBreak, factorText, keepsTenUsers, promisedUsers } from "../../analyzers/break-point.ts";
import type { Assessment, JudgedObjective, Plan, PlanCandidate, RankedCandidate } from "../../analyzers/plan.ts";
import type { Estimate } from "../../analyzers/replications.ts";
import type { Judgement, Unit } from "../../core/finding.ts";
import { formatShare, formatWhole, plural } from "../../core/units.ts";
import { formatValue } from "../format.ts";

export interface PlanReport {
  readonly plan: Plan;
  readonly assessment: Assessment;
}

/** The sentence that everybody reads first, and the judgement behind it. */
export function planVerdict({ plan, assessment }: PlanReport): {
  readonly judgement: Judgement;
  readonly why: string;
} {
  const [best] = assessment.ranking;
  if (best === undefined) return { judgement: "inconclusive", why: "Nothing was simulated." };
  if (plan.status === "interrupted") {
    const words = best.judgement === "pass" ? "holds every objective" : "comes nearest";
    return { judgement: "inconclusive", why: `Not all was simulated. Of what was, ${best.name} ${words}.` };
  }
  if (plan.objectives.length === 0) {
    return { judgement: "inconclusive", why: "The scenario sets no objective, so there is nothing to hold." };
  }
  const holding = assessment.ranking.filter(({ judgement }) => judgement === "pass").length;
  const cost = best.costPerHour === null ? "" : `, at ${formatEstimate(best.costPerHour, "money")} an hour`;
  const { judgement } = best;
  switch (judgement) {
    case "pass": {
      const others = holding === 1 ? "the only one that does" : `the cheapest of ${holding} that do`;
      return {
        judgement,
        why: `${best.name} holds every objective${cost}: ${others}, of ${assessment.ranking.length}.`,
      };
    }
    case "inconclusive":
      return { judgement, why: `None surely holds. ${best.name} comes nearest, and more replications would tell.` };
    case "fail": {
      const missed = best.objectives.filter((each) => each.judgement === "fail").map(({ metric }) => metric);
      const what = missed.length === 0 ? "its scaling swings by itself" : `it misses ${missed.join(", ")}`;
      return { judgement, why: `None holds. ${best.name} comes nearest: ${what}.` };
    }
  }
}

/** What was played: `40 candidates · 5 replications each · grid · seed 7`. */
export function describePlan({ plan }: PlanReport): string {
  const { candidates, replications, method, seed, shard, size, skipped, status } = plan;
  return [
    candidates.length === size
      ? plural(size, "candidate")
      : `${formatWhole(candidates.length)} of ${plural(size, "candidate")}`,
    replications === 1 ? "one replication each" : `${replications} replications each`,
    method,
    `seed ${seed}`,
    ...(plan.trace === null ? [] : [plan.trace]),
    ...(shard === null ? [] : [`shard ${shard.index} of ${shard.count}`]),
    ...(skipped.length === 0 ? [] : [`${formatWhole(skipped.length)} combinations left out, since they make no sense`]),
    ...(status === "complete" ? [] : ["INTERRUPTED: only what was finished is here"]),
  ].join(" · ");
}

/** `$4.10`, or `$4.10 (4.02 .. 4.18)` as far as replications know it. */
export function formatEstimate({ mean, interval: [low, high], replications }: Estimate, unit: Unit): string {
  const middle = formatValue(rounded(mean, unit), unit);
  if (replications === 1 || low === high) return middle;
  return `${middle} (${formatValue(rounded(low, unit), unit)} to ${formatValue(rounded(high, unit), unit)})`;
}

/** Money is written from whole nano-dollars. */
function rounded(value: number, unit: Unit): number {
  return unit === "money" ? Math.round(value) : value;
}

export function formatObjective({ estimate, unit }: JudgedObjective): string {
  return estimate === null ? "–" : formatEstimate(estimate, unit);
}

/** Room to the nearest limit; where all limits are 0 there is none to speak of. */
export function formatMargin({ margin, judgement }: RankedCandidate): string {
  if (margin === 1 && judgement === "pass") return "–";
  return margin < -1 ? "below -100 %" : formatShare(margin);
}

/** `2.4 x, then ttft.p95 (too few replicas)`. */
export function breakInShort({ breakPoint }: Pick<PlanCandidate, "breakPoint">): string {
  if (breakPoint === null) return "";
  const { heldAt, missedAt, users, objective, cause } = breakPoint;
  if (heldAt === null && missedAt === null) return "–";
  const where =
    heldAt === null
      ? "below all tried"
      : users === null
        ? `${missedAt === null ? "over " : ""}${factorText(heldAt)} x`
        : plural(users.heldAt ?? 0, "user");
  const why = objective === null ? "" : `, then ${objective}${cause === null ? "" : ` (${causeName(cause)})`}`;
  return where + why;
}

/** Every break point in a sentence, and whether ten users are served as one is. */
export function breakSentences({ plan }: PlanReport): readonly string[] {
  return plan.candidates.flatMap((candidate) => {
    if (candidate.breakPoint === null) return [];
    const keeps = keepsTenUsers(candidate);
    const promise =
      keeps === undefined
        ? ""
        : ` ${keeps ? "Keeps" : "Does not keep"} the promise of ${promisedUsers} concurrent users.`;
    return [`${candidate.name}: ${describeBreak(candidate.breakPoint)}.${promise}`];
  });
}

export function candidateAt({ plan }: PlanReport, position: number): PlanCandidate | undefined {
  return plan.candidates.find((candidate) => candidate.position === position);
}

/** Mean of a figure over the replications; undefined where none has it. */
export function meanFigure({ runs }: PlanCandidate, metric: string): number | undefined {
  const values = runs.flatMap(({ figures }) => figures[metric] ?? []);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
