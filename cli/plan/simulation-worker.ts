/**
 * The worker thread of a sweep: plays one simulation after the other and answers what is left of each when it has been looked
 * at. Records stay here and are forgotten with the next job.
 */
import { analyze } from "../../analyzers/analyze.ts";
import { type RunSummary, summarizeRun } from "../../analyzers/run-summary.ts";
import { warmUpFindings } from "../../analyzers/warm-up.ts";
import type { TraceRows } from "../../behavior/traffic/trace.ts";
import type { Finding } from "../../core/finding.ts";
import type { Run } from "../../core/run.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import { scenarioAtLoad, traceAtLoad } from "../../simulator/sweep/load-factor.ts";
import { type Answer, answerOf, setupOfWorker } from "../../simulator/sweep/pool.ts";
import { replicationSeed } from "../../simulator/sweep/replications.ts";
import { scalingFrom } from "../scaling-input.ts";
import { simulateScenario } from "../simulated-run.ts";
import type { Candidate } from "./candidate.ts";

/** What is the same for every job. */
export interface SweepSetup {
  readonly candidates: readonly Pick<Candidate, "scenario" | "scenarioText" | "scaling">[];
  readonly gateway: string | undefined;
  readonly trace: { readonly name: string; readonly rows: TraceRows } | undefined;
  readonly windowMs: readonly [Ms, Ms] | undefined;
}

export interface SimulationJob {
  /** Position in the setup. */
  readonly candidate: number;
  readonly replication: number;
  /** Multiple of the scenario's load. */
  readonly load: number;
}

const setup = setupOfWorker() as SweepSetup; // the pool hands over what `sweepPool` was given

export function summary(job: SimulationJob): Answer<RunSummary> {
  return answerOf(() => {
    const { run, scenario } = simulated(job);
    return summarizeRun(run, scenario);
  });
}

export function findings(job: SimulationJob): Answer<readonly Finding[]> {
  return answerOf(() => {
    const { run, scenario } = simulated(job);
    return [...analyze(run, scenario), ...warmUpFindings(run)];
  });
}

function simulated({ candidate, replication, load }: SimulationJob): {
  readonly run: Run;
  readonly scenario: Scenario;
} {
  const { candidates, gateway, trace, windowMs } = setup;
  const chosen = candidates[candidate];
  if (chosen === undefined) throw new RangeError(`there is no candidate ${candidate}`);
  const seed = replicationSeed(chosen.scenario.seed, replication);
  const scenario = scenarioAtLoad({ ...chosen.scenario, seed }, load);
  const { scaling } = chosen;
  const run = simulateScenario(
    {
      scenario,
      text: chosen.scenarioText,
      ...(trace === undefined ? {} : { trace: { ...trace, rows: traceAtLoad(trace.rows, load) } }),
      ...(windowMs === undefined ? {} : { windowMs: [windowMs[0] / load, windowMs[1] / load] }),
    },
    { gateway, timeScale: 1, ...(scaling === undefined ? {} : { scaling: scalingFrom(scaling.text, scaling.file) }) },
  );
  return { run, scenario };
}
