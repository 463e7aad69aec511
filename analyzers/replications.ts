/**
 * What independent replications say together: a mean, and where the true mean lies with 95 % confidence.
 *
 * Requests of one run depend on each other (a queue remembers), so an interval over them would be far too narrow. Whole
 * runs with independent seeds do not, so their figures are a sample like any other, and Student's t gives the interval (Law,
 * Simulation Modeling and Analysis, 5th ed., ch. 9.4.1, replication/deletion). A percentile is treated the same way: each
 * replication has one, taken from all of its requests, and the interval is about that.
 */
import type { Finding } from "../core/finding.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { mean } from "./percentile.ts";
import { judgeInterval } from "./objectives.ts";

/** A figure over replications. */
export interface Estimate {
  readonly mean: number;
  /** 95 % confidence; the value itself when there is one replication, so that nothing is claimed. */
  readonly interval: readonly [low: number, high: number];
  readonly replications: number;
}

/** Undefined when nothing was measured. Most figures of Squall are sizes, so an interval does not reach below 0 unless a value does. */
export function estimate(values: readonly number[]): Estimate | undefined {
  const signed = estimateSigned(values);
  if (signed === undefined || values.some((value) => value < 0)) return signed;
  const [low, high] = signed.interval;
  return { ...signed, interval: [Math.max(0, low), high] };
}

/** The same of figures that have a direction, such as errors: an interval may reach to the other side of 0. */
export function estimateSigned(values: readonly number[]): Estimate | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const middle = mean(values);
  const count = values.length;
  if (count === 1) return { mean: first, interval: [first, first], replications: 1 };
  const squares = values.reduce((sum, value) => sum + (value - middle) * (value - middle), 0);
  const half = studentT(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { mean: middle, interval: [middle - half, middle + half], replications: count };
}

/** Half of an interval's width as a fraction of its mean; 0 for a figure that is always 0. */
export function relativeHalfWidth({ mean: middle, interval: [, high] }: Estimate): number {
  const half = high - middle;
  return half === 0 ? 0 : Math.abs(half / middle);
}

/**
 * 97.5 % quantile of Student's t, from the table in NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2. Between two
 * entries the lower degrees of freedom count, which makes an interval a little wider than it had to be, never narrower.
 */
export function studentT(degreesOfFreedom: number): number {
  const exact = tTable[degreesOfFreedom - 1];
  if (exact !== undefined) return exact;
  return tSparse.findLast(([degrees]) => degrees <= degreesOfFreedom)?.[1] ?? 12.706;
}

const tTable: readonly number[] = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

const tSparse: readonly (readonly [degreesOfFreedom: number, quantile: number])[] = [
  [30, 2.042],
  [40, 2.021],
  [50, 2.009],
  [60, 2],
  [80, 1.99],
  [100, 1.984],
];

/**
 * The findings of several replications as one list: figures become means with intervals, and objectives are judged by
 * those. A finding without a figure is kept as the first replication has it; one that fails by itself (a limit cycle) fails
 * when it appears in any replication.
 */
export function findingsOverReplications(
  replications: readonly (readonly Finding[])[],
  scenario: Pick<Scenario, "objectives">,
): readonly Finding[] {
  if (replications.length <= 1) return replications[0] ?? [];
  const byId = Map.groupBy(replications.flat(), ({ analyzer, id }) => `${analyzer} ${id}`);
  return [...byId.values()].flatMap((same): Finding[] => {
    const [first] = same;
    if (first === undefined) return [];
    const estimated = estimate(same.flatMap(({ measured }) => (measured === undefined ? [] : [measured])));
    if (estimated === undefined) return [first];
    const { mean: measured, interval } = estimated;
    const { detail: _ofOneReplication, ...rest } = first;
    const objective =
      first.analyzer === "objectives" ? scenario.objectives.find(({ metric }) => metric === first.id) : undefined;
    const unmeasured = replications.length - same.length;
    return [
      {
        ...rest,
        measured,
        interval,
        ...(objective === undefined ? {} : { judgement: judgeInterval(interval, objective) }),
        detail:
          unmeasured === 0
            ? `mean of ${same.length} replications`
            : `mean of the ${same.length} replications that have it, of ${replications.length}`,
      },
    ];
  });
}
