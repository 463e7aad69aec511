/** Plays a scenario in virtual time for a command: records in memory as far as there is room, or totals without them. */
import { type RunTotals, totalsFold } from "../analyzers/run-totals.ts";
import type { ScenarioInput } from "../behavior/scenario-input.ts";
import { invalidInput, type SquallError } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { recordsMax, tooManyRecords } from "../runs/record-bound.ts";
import { playScenario, type SimulationChoices } from "../simulator/scenario-run.ts";
import type { SimulationResult } from "../simulator/simulate.ts";
import { inlineMore } from "./inlining.ts";
import { squallVersion } from "./version.ts";

/** Runs the scenario in virtual time. Same input and seed: same bytes. Throws `simulation-too-large`. */
export function simulateScenario(
  input: ScenarioInput,
  choices: SimulationChoices,
): Run & { readonly statistics: SimulationResult["statistics"] } {
  inlineMore();
  const records: RequestRecord[] = [];
  const played = playScenario(input, choices, squallVersion(), (record) => {
    if (records.length >= recordsMax) throw tooLarge(input.scenario);
    records.push(record);
  });
  return { ...played, records };
}

/** The same as totals: no record is kept, so memory does not depend on how long the run is, and no number of requests is too many. */
export function simulateTotals(
  input: ScenarioInput,
  choices: SimulationChoices,
): Pick<Run, "manifest" | "events"> & { readonly totals: RunTotals } {
  inlineMore();
  const fold = totalsFold();
  const { manifest, events } = playScenario(input, choices, squallVersion(), fold.add);
  return { manifest, events, totals: fold.totals() };
}

/** Whether a simulation is to write down what requests waited for, which it does only where somebody asks about the queue. */
export function asksForQueue(criteria: readonly { readonly metric: string }[]): boolean {
  return criteria.some(({ metric }) => metric.startsWith("queue.depth"));
}

function tooLarge(scenario: Scenario): SquallError {
  return invalidInput(`scenario "${scenario.name}" sends ${tooManyRecords}`, {
    code: "simulation-too-large",
    hint: "--totals keeps no records and has no such limit; or simulate a shorter time, or a smaller window of the trace",
  });
}
