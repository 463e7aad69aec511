/**
 * How long 200 candidates take over an hour of real traffic (the Azure conversation trace, 19,366 requests), and where the
 * time goes.
 *
 * One candidate is taken apart on the main thread first: workload, simulation, summary. Then the whole sweep runs on 1, 2, ...
 * worker threads, start of the threads included. The ratio is against what one thread would need if nothing but simulating
 * cost anything: 1.00 is a pool that wastes nothing, and each further thread divides it.
 *
 * Run: npm run bench -- sweep. Target: 10 s on two cores (ARCHITECTURE.md).
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { summarizeRun } from "../analyzers/run-summary.ts";
import { type PlanChoices, planJobOf } from "../cli/plan/plan-job.ts";
import { playPlan } from "../cli/plan/play-plan.ts";
import { readScenarioInput, type ScenarioInput, workloadOf } from "../cli/scenario-input.ts";
import { simulateScenario } from "../cli/simulated-run.ts";

const candidates = 200;
const rounds = 5;
const scenarioFile = path.join(import.meta.dirname, "../scenarios/replay-azure.yaml");
const dataFolder = process.env["SQUALL_DATA_DIR"] ?? path.join(import.meta.dirname, "../../shared/data");
const trace = path.join(dataFolder, "AzureLLMInferenceTrace_conv.csv");
const { signal } = new AbortController();

if (existsSync(trace)) await measure();
else console.log(`nothing measured: ${trace} is not there (set SQUALL_DATA_DIR)`);

async function measure(): Promise<void> {
  const startedMs = performance.now();
  const input = await readScenarioInput(scenarioFile, { trace }, signal);
  console.log(`reading scenario and trace once: ${Math.round(performance.now() - startedMs)} ms`);
  const alone = await takenApart(input);
  console.log(
    `one candidate (best of ${rounds}): workload ${alone.workloadMs.toFixed(1)} ms, simulation ${alone.simulationMs.toFixed(1)} ms, summary ${alone.summaryMs.toFixed(1)} ms`,
  );
  const idealMs = candidates * alone.simulationMs;
  for (let workers = 1; workers <= Math.min(4, availableParallelism()); workers++) {
    const sweepMs = await sweep(workers);
    console.log(
      `${candidates} candidates on ${workers} ${workers === 1 ? "thread" : "threads"}: ${(sweepMs / 1_000).toFixed(1)} s, ` +
        `${((sweepMs * workers) / idealMs).toFixed(2)} of what simulating alone takes; ` +
        `${Math.round((candidates * 19_366) / sweepMs)} k requests/s`,
    );
  }
}

/** The least of several rounds, since other programs share the machine. Iterating the workload is a part of simulating it. */
async function takenApart(
  input: ScenarioInput,
): Promise<{ readonly workloadMs: number; readonly simulationMs: number; readonly summaryMs: number }> {
  const best = { workloadMs: Infinity, simulationMs: Infinity, summaryMs: Infinity };
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    for (const phase of workloadOf(input).phases) if (phase.kind === "open") for (const _request of phase.arrivals());
    const builtMs = performance.now();
    const run = simulateScenario(input, { timeScale: 1 });
    const playedMs = performance.now();
    summarizeRun(run, input.scenario);
    best.workloadMs = Math.min(best.workloadMs, builtMs - startMs);
    best.simulationMs = Math.min(best.simulationMs, playedMs - builtMs);
    best.summaryMs = Math.min(best.summaryMs, performance.now() - playedMs);
  }
  return best;
}

/** Limits from 201k to 400k tokens a minute, a thousand apart: every one another candidate, and each refuses others. */
async function sweep(workers: number): Promise<number> {
  const values = Array.from({ length: candidates }, (_, index) => `${201 + index}k`);
  const choices: PlanChoices = {
    trace,
    set: [{ path: "providers.openai.models.gpt-4o.tpm", values }],
    replications: 1,
    breakPoint: "none",
  };
  const startMs = performance.now();
  const job = await planJobOf(scenarioFile, choices, signal);
  await playPlan({ ...job, workers, signal, onProgress: () => undefined });
  return performance.now() - startMs;
}
