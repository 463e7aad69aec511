/** One version of a scenario's world in a gate: what it is, and how it is run, simulated or live. */
import type { Run } from "../core/run.ts";
import type { Setting } from "../core/scenario/override.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { cacheFolder } from "../gateways/cache.ts";
import { withAlerts } from "./alert-files.ts";
import type { CommandContext } from "./context.ts";
import type { Play } from "./gate-runs.ts";
import { gatewayReadyMs, runLive } from "./live/run.ts";
import { type EngineName, readyEngine } from "./load-engine.ts";
import type { Progress } from "./progress.ts";
import { readScaling } from "./scaling-input.ts";
import { readScenarioInput, type ScenarioChoices, type ScenarioInput } from "./scenario-input.ts";
import { asksForQueue, simulateScenario } from "./simulated-run.ts";

export interface SideChoices extends ScenarioChoices {
  readonly live?: boolean;
  readonly engine?: EngineName;
  readonly gateway?: string;
  readonly scaling?: string;
  readonly timeScale: number;
}

export interface GateSide {
  readonly scenario: Scenario;
  readonly play: Play;
}

/** Reads a scenario file, with fields of it `set` anew, and answers how it is run. Errors: those of reading and of the engine. */
export async function gateSide(
  file: string,
  choices: SideChoices & { readonly set?: readonly Setting[] | undefined },
  context: CommandContext,
  progress: Progress,
): Promise<GateSide> {
  const input = await readScenarioInput(file, { ...choices, settings: choices.set }, context.interrupts.signal);
  return choices.live === true
    ? await liveSide(input, choices, context, progress)
    : await simulatedSide(file, input, choices, context);
}

async function simulatedSide(
  file: string,
  input: ScenarioInput,
  { gateway, scaling: config }: SideChoices,
  { interrupts }: CommandContext,
): Promise<GateSide> {
  const { scenario } = input;
  const scaling = await readScaling(file, scenario.platform.scaling, config);
  const explain = asksForQueue(scenario.objectives);
  const run = (): Run => withAlerts(simulateScenario(input, { gateway, timeScale: 1, scaling, explain }), input);
  return {
    scenario,
    play: async () => {
      interrupts.signal.throwIfAborted();
      return interrupts.whileBlocking(run);
    },
  };
}

async function liveSide(
  input: ScenarioInput,
  { gateway, timeScale, engine: name = "native" }: SideChoices,
  { interrupts: { signal }, terminal: { env } }: CommandContext,
  progress: Progress,
): Promise<GateSide> {
  const { scenario } = input;
  const engine = await readyEngine(name, { env, onProgress: (text) => progress.note(text), signal });
  return {
    scenario,
    play: async () => {
      signal.throwIfAborted();
      const run = await runLive(input, {
        engine,
        gateway: gateway ?? scenario.platform.gateway,
        timeScale,
        mockPort: 0,
        readyTimeoutMs: gatewayReadyMs,
        cacheDir: cacheFolder(env),
        progress,
        signal,
      });
      return withAlerts(run, input);
    },
  };
}
