/**
 * The break point of a candidate: the multiple of the load at which it first misses an objective, which one that is, and
 * what there was too little of.
 */
import { assertNever } from "../core/invariant.ts";
import { plural } from "../core/units.ts";
import { type BreakCause, type BreakPoint, type Plan, type PlanCandidate, standing } from "./plan.ts";
import type { RunSummary } from "./run-summary.ts";

/** Whether a candidate holds everything, over all replications. */
export function holdsEverything(runs: readonly RunSummary[], objectives: Plan["objectives"]): boolean {
  return standing({ runs }, objectives).judgement === "pass";
}

/** What broke, from the runs at the load at which it did. */
export function whatBroke(
  runs: readonly RunSummary[],
  objectives: Plan["objectives"],
): Pick<BreakPoint, "objective" | "cause"> {
  const { objectives: judged, hasLimitCycle } = standing({ runs }, objectives);
  const [worst] = judged
    .filter(({ judgement }) => judgement !== "pass")
    .toSorted((left, right) => (left.margin ?? 0) - (right.margin ?? 0));
  if (worst === undefined) {
    if (!hasLimitCycle) return { objective: null, cause: null };
    const words = "the policy drives the fleet up and down under constant load";
    return { objective: null, cause: { kind: "limit-cycle", words } };
  }
  return { objective: worst.metric, cause: causeOf(worst.metric, runs) };
}

function causeOf(metric: string, runs: readonly RunSummary[]): BreakCause {
  const scarcest = runs
    .flatMap(({ scarcities }) => scarcities)
    .reduce<RunSummary["scarcities"][number] | undefined>(
      (worst, each) => (worst === undefined || each.share > worst.share ? each : worst),
      undefined,
    );
  if (metric.startsWith("cost.")) return { kind: "money", words: "the requests themselves cost that much" };
  if (scarcest !== undefined) return { kind: scarcest.kind, words: scarcest.words };
  return { kind: "time", words: "nobody refused and no replica was missing: the answers themselves take that long" };
}

/** In words: `holds up to 2.4 times the load; then ttft.p95: openai refused ...`. */
export function describeBreak({ heldAt, missedAt, users, objective, cause, isConfirmed }: BreakPoint): string {
  const held =
    users === null ? `${heldAt === null ? "" : factorText(heldAt)} times the load` : plural(users.heldAt ?? 0, "user");
  const missed =
    users === null
      ? `${missedAt === null ? "" : factorText(missedAt)} times the load`
      : plural(users.missedAt ?? 0, "user");
  const why = [objective ?? "", cause?.words ?? ""].filter((part) => part !== "").join(": ");
  const doubt = isConfirmed ? "" : " (other seeds do not agree)";
  if (heldAt === null && missedAt === null) return "could not be looked for";
  if (heldAt === null) return `does not hold even at ${missed}; ${why}${doubt}`;
  if (missedAt === null) return `still holds at ${held}, the most that was tried${doubt}`;
  return `holds up to ${held}; at ${missed} ${why}${doubt}`;
}

/** Three digits are what a search to within 5 % knows. */
export function factorText(factor: number): string {
  return String(Number(factor.toPrecision(3)));
}

/** What it is about in a word or two, for tables. */
export function causeName(cause: BreakCause): string {
  switch (cause.kind) {
    case "provider-quota":
      return "provider's quota";
    case "provider-failures":
      return "provider fails";
    case "replicas":
      return "too few replicas";
    case "money":
      return "money";
    case "limit-cycle":
      return "scaling swings";
    case "time":
      return "provider's own time";
    default:
      return assertNever(cause.kind);
  }
}

/** The platform's promise: ten concurrent users without degradation. Undefined where the load is not made of users. */
export function keepsTenUsers({ breakPoint }: Pick<PlanCandidate, "breakPoint">): boolean | undefined {
  const users = breakPoint?.users;
  return users === null || users === undefined ? undefined : (users.heldAt ?? 0) >= promisedUsers;
}

/** "10 concurrent users without degradation" is what such platforms promise their users. */
export const promisedUsers = 10;
