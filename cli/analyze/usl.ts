/** What the Universal Scalability Law is fitted to: a scenario simulated at several loads, or runs that were made at several loads. */
import { flowOf } from "../../analyzers/littles-law.ts";
import { fitUsl, type LoadPoint, loadsNeeded, type UslFit } from "../../analyzers/usl.ts";
import { invalidInput } from "../../core/errors.ts";
import { randomStream } from "../../core/random.ts";
import type { Run } from "../../core/run.ts";
import { scenarioAtLoad, traceAtLoad } from "../../simulator/sweep/load-factor.ts";
import type { ScalingInput } from "../scaling-input.ts";
import type { ScenarioInput } from "../scenario-input.ts";
import { simulateScenario } from "../simulated-run.ts";

/** Requests in flight on average, and answers in a second. */
export interface MeasuredPoint extends LoadPoint {
  /** Multiple of the scenario's load, or the name of the run. */
  readonly of: string;
  /** Whether Little's law holds: without it the run filled up and is no point of any steady load. */
  readonly isSteady: boolean;
}

/** Simulates the scenario at each multiple of its load, `replications` times with seeds of their own. */
export function* simulatedPoints(
  input: ScenarioInput,
  choices: {
    readonly factors: readonly number[];
    readonly replications: number;
    readonly scaling: ScalingInput | undefined;
  },
): Generator<MeasuredPoint> {
  const { scenario, trace } = input;
  for (const factor of choices.factors) {
    for (let replication = 0; replication < choices.replications; replication++) {
      const atLoad: ScenarioInput = {
        ...input,
        scenario: { ...scenarioAtLoad(scenario, factor), seed: scenario.seed + replication },
        ...(trace === undefined ? {} : { trace: { ...trace, rows: traceAtLoad(trace.rows, factor) } }),
      };
      const run = simulateScenario(atLoad, { timeScale: 1, scaling: choices.scaling });
      yield pointOf(run, `${factor} times the load`);
    }
  }
}

/** Throws `run-too-short` for a run that says nothing about throughput. */
export function pointOf(run: Run, of: string): MeasuredPoint {
  const flow = flowOf(run);
  if (flow === undefined) {
    throw invalidInput(`${of} has too few requests to say how many were in flight`, {
      code: "run-too-short",
      hint: "make it longer, or begin with a larger load",
    });
  }
  return { of, load: flow.inFlight, throughput: flow.answeredPerS, isSteady: flow.holds };
}

/** Throws `loads-too-few` where the points say too little about three parameters. */
export function fitted(points: readonly MeasuredPoint[], seed: number): UslFit {
  const fit = fitUsl(points, randomStream(seed).split("usl"));
  if (fit !== undefined) return fit;
  const loads = new Set(points.map(({ load }) => load)).size;
  throw invalidInput(
    `the law has three parameters: needed are ${loadsNeeded} different loads with throughput, given are ${loads}`,
    { code: "loads-too-few", hint: "add loads between those that are there" },
  );
}
