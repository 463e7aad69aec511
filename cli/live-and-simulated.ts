/** One scenario, live and simulated, and how far the two are apart. */
import { analyze } from "../analyzers/analyze.ts";
import { compareRuns } from "../analyzers/fidelity.ts";
import { gatewayProfileNames } from "../behavior/gateway-profiles/profiles.ts";
import type { Run, RunEvent } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { cacheFolder } from "../gateways/cache.ts";
import type { ReplicaKind } from "../gateways/drivers.ts";
import type { ComparedRun, ReportInput } from "../reports/report-input.ts";
import { withAlerts } from "./alert-files.ts";
import type { CommandContext } from "./context.ts";
import { onThisMachine } from "./live/fleet-plan.ts";
import { type Onlooker, runLive } from "./live/run.ts";
import { type EngineName, readyEngine } from "./load-engine.ts";
import type { Progress } from "./progress.ts";
import type { Watch } from "./prometheus/while-watched.ts";
import type { ScalingInput } from "./scaling-input.ts";
import type { ScenarioInput } from "./scenario-input.ts";
import { gatewayOf } from "../simulator/scenario-run.ts";
import { asksForQueue, simulateScenario } from "./simulated-run.ts";

export interface LiveChoices {
  /** Squall's own unless given. */
  readonly engine?: EngineName | undefined;
  readonly gateway?: string | undefined;
  readonly timeScale: number;
  readonly mockPort: number;
  readonly readyTimeout: Ms;
  readonly simulation: boolean;
  readonly onlooker?: Onlooker | undefined;
  /** What measures and alerts in place of Squall itself. */
  readonly watch?: Watch | undefined;
  /** What scales the replicas; without it their number stays. */
  readonly scaling?: ScalingInput | undefined;
  /** What replicas of the gateway are, processes unless given; false: one of it is played, whatever the scenario wants. */
  readonly fleet?: ReplicaKind | false;
}

/** What a command has to show for itself. */
export interface RunOutcome extends ReportInput {
  readonly scenario: Scenario;
}

/** Runs live, then simulates the same scenario, seed and trace window, and compares. */
export async function runAndCompare(
  input: ScenarioInput,
  choices: LiveChoices,
  context: CommandContext,
  progress: Progress,
): Promise<RunOutcome> {
  const gateway = choices.gateway ?? input.scenario.platform.gateway;
  const { interrupts } = context;
  try {
    const engine = await readyEngine(choices.engine ?? "native", {
      env: context.terminal.env,
      onProgress: (text) => progress.step(text),
      signal: interrupts.signal,
    });
    const played = await runLive(input, {
      engine,
      gateway,
      timeScale: choices.timeScale,
      mockPort: choices.mockPort,
      readyTimeoutMs: choices.readyTimeout,
      scaling: choices.scaling,
      ...(choices.fleet === false ? { fleet: "never" as const } : { replicas: choices.fleet }),
      cacheDir: cacheFolder(context.terminal.env),
      progress,
      signal: interrupts.signal,
      onlooker: choices.onlooker,
      watch: choices.watch,
    });
    const run = await alerted(played, input, choices.watch);
    const outcome = { run, findings: analyze(run, input.scenario), scenario: input.scenario };
    if (run.manifest.status !== "complete") {
      progress.fail();
      return outcome;
    }
    const compared = choices.simulation ? simulateBeside(input, run, { ...choices, gateway }, progress) : undefined;
    // A Ctrl-C during the simulation has waited: the live run is worth more than the moment.
    await interrupts.delivered();
    progress.done();
    return compared === undefined ? outcome : { ...outcome, compared };
  } catch (cause) {
    progress.fail();
    throw cause;
  }
}

/**
 * With what alerts did: those of whoever measures, or of the rules that Squall asks itself. A measurer that does not tell loses
 * the verdict and not the run: nobody knows whether anything fired.
 */
export async function alerted(
  run: Run,
  input: ScenarioInput,
  watch: Pick<Watch, "withAlerts"> | undefined,
): Promise<Run> {
  if (watch === undefined) return withAlerts(run, input);
  try {
    return await watch.withAlerts(run);
  } catch (cause) {
    if (run.manifest.status !== "complete") return run; // why it ended early is told already
    const text = cause instanceof Error ? cause.message : String(cause);
    const end: RunEvent = { atMs: run.manifest.durationMs, kind: "failure", subject: "run", text };
    return { ...run, manifest: { ...run.manifest, status: "failed" }, events: [...run.events, end] };
  }
}

/** The same scenario in virtual time; undefined for a gateway that nobody has calibrated. */
function simulateBeside(
  input: ScenarioInput,
  live: Run,
  { gateway, timeScale, scaling }: Pick<LiveChoices, "timeScale" | "scaling"> & { readonly gateway: string },
  progress: Progress,
): ComparedRun | undefined {
  const isOwn = gateway === input.scenario.platform.gateway && input.gatewayProfile !== undefined;
  if (!isOwn && !gatewayProfileNames.includes(gateway)) {
    progress.note(`nothing is simulated beside it: gateway ${gateway} has no profile`);
    return undefined;
  }
  progress.step("simulating the same scenario");
  const wasFleet = live.manifest.replicas !== undefined;
  const scenario = wasFleet ? onThisMachine(input.scenario) : withOneReplica(input.scenario);
  const alike = { ...input, scenario };
  const explain = asksForQueue(scenario.objectives);
  const choices = { gateway, timeScale, explain, ...(wasFleet ? { scaling } : {}) };
  const run = withAlerts(simulateScenario(alike, choices), alike);
  return { run, findings: analyze(run, input.scenario), fidelity: compareRuns(live, run, gatewayOf(input, gateway)) };
}

/** As it is live without a fleet: one process of the gateway, there from the start, which nobody scales. */
function withOneReplica(scenario: Scenario): Scenario {
  const { fleet: _fleet, scaling: _scaling, ...platform } = scenario.platform;
  return { ...scenario, platform: { ...platform, replicas: 1 } };
}
