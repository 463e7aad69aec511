/**
 * How far simulations are from live runs over several of them, each with another seed: the mean error, and how sure it is.
 *
 * A run that says nothing of the simulation counts only where there is no other, and then nothing is judged.
 */
import type { MachineUse } from "../core/run.ts";
import type { Fidelity, FidelityRow } from "./fidelity.ts";
import { othersMuch } from "./generator.ts";
import { mean } from "./percentile.ts";
import { estimate, estimateSigned } from "./replications.ts";

/** One live run beside its simulation. */
export interface ComparedRepeat extends Circumstances {
  readonly rows: Fidelity["rows"];
}

export interface Circumstances {
  /** Why the load generator cannot be believed; empty where it can. */
  readonly overload: string;
  readonly machine?: MachineUse;
}

export interface FidelityOverRepeats {
  readonly rows: readonly RepeatedRow[];
  /** Runs that have a simulation beside them. */
  readonly repeats: number;
  /** Of those the ones that say something of the simulation, which are what the rows are about; about all where this is 0. */
  readonly judged: number;
}

/** Figures are means over the runs that have them; `error` is absent where one of those runs has none. */
export interface RepeatedRow extends FidelityRow {
  /** Where the true mean of `error` (or `apart`) lies with 95 % confidence; absent for a single run. */
  readonly interval?: readonly [low: number, high: number];
  /** Runs that have this figure. */
  readonly repeats: number;
}

/** Undefined when nothing was compared. */
export function fidelityOverRepeats(repeats: readonly ComparedRepeat[]): FidelityOverRepeats | undefined {
  if (repeats.length === 0) return undefined;
  const judged = repeats.filter(isJudged);
  const shown = judged.length === 0 ? repeats : judged;
  const byMetric = Map.groupBy(
    shown.flatMap(({ rows }) => rows),
    ({ metric }) => metric,
  );
  return {
    rows: [...byMetric.values()].flatMap((same) => rowOver(same, judged.length > 0) ?? []),
    repeats: repeats.length,
    judged: judged.length,
  };
}

/** Whether a run says anything of the simulation: the load came when it should, and the machine was not somebody else's. */
export function isJudged({ overload, machine }: Circumstances): boolean {
  return overload === "" && (machine?.others ?? 0) <= othersMuch;
}

/** One figure of several runs. A target is met where the mean error is within it. */
function rowOver(same: readonly FidelityRow[], judges: boolean): RepeatedRow | undefined {
  const [first] = same;
  if (first === undefined) return undefined;
  const { metric, title, unit, target } = first;
  const figures = (name: "live" | "simulated" | "error" | "apart"): readonly number[] =>
    same.flatMap((row) => row[name] ?? []);
  const meanOf = (name: "live" | "simulated"): Pick<FidelityRow, "live" | "simulated"> =>
    figures(name).length === 0 ? {} : { [name]: mean(figures(name)) };
  const [errors, aparts] = [figures("error"), figures("apart")];
  const over = isSize(metric) ? estimate : estimateSigned;
  const error = errors.length < same.length ? undefined : over(errors);
  const apart = aparts.length < same.length ? undefined : over(aparts);
  const interval = same.length < 2 ? undefined : (error ?? apart)?.interval;
  return {
    metric,
    title,
    unit,
    ...meanOf("live"),
    ...meanOf("simulated"),
    ...(error === undefined ? {} : { error: error.mean }),
    ...(apart === undefined ? {} : { apart: apart.mean }),
    ...(interval === undefined ? {} : { interval }),
    ...(target === undefined ? {} : { target }),
    ...(target === undefined || !judges ? {} : { within: error !== undefined && Math.abs(error.mean) <= target }),
    repeats: same.length,
  };
}

/** A distance without a direction: its interval does not reach below 0. */
function isSize(metric: string): boolean {
  return metric.startsWith("paired.") || metric === "replicas.distance";
}
