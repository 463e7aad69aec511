/**
 * How requests ended: failures by outcome and reason, and the share that was refused for load.
 *
 * A request fails when its client did not get what it asked for, whoever is to blame: a final 429 is a failure and so is
 * an answer that the end of the run cut off. The one exception is a client that left on purpose (`aborted`): it did not ask for the
 * end, so it counts neither as failed nor as answered.
 */
import type { Finding } from "../core/finding.ts";
import { isOk, type Outcome, outcomes, type RequestRecord } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { recordsOf } from "./phases.ts";

/** A part of a whole. `share` is undefined when the whole is empty. */
export interface Share {
  readonly part: number;
  readonly whole: number;
  readonly share: number | undefined;
}

export function isFailed(record: RequestRecord): boolean {
  return !isOk(record) && record.outcome !== "aborted";
}

/** Failed requests among those whose client waited for the end. */
export function errorShare(records: readonly RequestRecord[]): Share {
  return shareOf(records, isFailed, (record) => record.outcome !== "aborted");
}

/** Requests refused for load (429) among all. */
export function rateLimitedShare(records: readonly RequestRecord[]): Share {
  return shareOf(records, (record) => record.outcome === "rate-limited");
}

/** Requests that ended in one way among all. */
export function outcomeShare(records: readonly RequestRecord[], outcome: Outcome): Share {
  return shareOf(records, (record) => record.outcome === outcome);
}

/** Number of requests by outcome, every outcome named, in reading order. */
export function outcomeCounts(records: readonly RequestRecord[]): ReadonlyMap<Outcome, number> {
  const counts = new Map<Outcome, number>(outcomes.map((outcome) => [outcome, 0]));
  for (const record of records) counts.set(record.outcome, (counts.get(record.outcome) ?? 0) + 1);
  return counts;
}

/** Failures with the same outcome, status and reason. */
export interface FailureGroup {
  readonly outcome: Outcome;
  readonly status: number;
  readonly reason: string;
  readonly count: number;
}

/** Failures grouped by what happened, most frequent first. */
export function failureGroups(records: readonly RequestRecord[]): readonly FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const record of records) {
    if (!isFailed(record)) continue;
    const { outcome, status, reason } = record;
    const id = `${outcome} ${status} ${reason}`;
    groups.set(id, { outcome, status, reason, count: (groups.get(id)?.count ?? 0) + 1 });
  }
  return [...groups.values()].toSorted(
    (left, right) =>
      right.count - left.count || compareText(left.outcome, right.outcome) || compareText(left.reason, right.reason),
  );
}

/** The shares and each kind of failure, as information. */
export function errorFindings(run: Run): readonly Finding[] {
  const records = recordsOf(run, "load");
  if (records.length === 0) return [];
  return [
    shareFinding("errors", "Failed requests", errorShare(records)),
    shareFinding("rate-limited", "Requests refused for load (429)", rateLimitedShare(records)),
    ...failureGroups(records).map((group) => ({
      analyzer: "errors",
      id: `errors.${group.outcome}.${group.status}.${group.reason}`,
      title: `Failed: ${describeFailure(group)}`,
      measured: group.count,
      unit: "count" as const,
      samples: records.length,
    })),
  ];
}

/** `rate-limited, 429, rate_limit_exceeded`. */
export function describeFailure(group: FailureGroup): string {
  const parts = [group.outcome, group.status === 0 ? "no answer" : String(group.status), group.reason];
  return parts.filter((part) => part !== "").join(", ");
}

function shareFinding(id: string, title: string, { part, whole, share }: Share): Finding {
  return {
    analyzer: "errors",
    id,
    title,
    ...(share === undefined ? {} : { measured: share }),
    unit: "share",
    samples: whole,
    detail: `${part} of ${whole} requests`,
  };
}

/** Of those records that `belongs` lets in, which is all of them unless given. */
function shareOf(
  records: readonly RequestRecord[],
  counts: (record: RequestRecord) => boolean,
  belongs: (record: RequestRecord) => boolean = () => true,
): Share {
  let [part, whole] = [0, 0];
  for (const record of records) {
    if (!belongs(record)) continue;
    whole += 1;
    if (counts(record)) part += 1;
  }
  return { part, whole, share: whole === 0 ? undefined : part / whole };
}

/** Order by code units, which does not depend on the machine's language. */
function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
