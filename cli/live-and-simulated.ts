/** One scenario, live and simulated, and how far the two are apart. */
import { analyze } from "../analyzers/analyze.ts";
import { compareRuns, type Fidelity } from "../analyzers/fidelity.ts";
import { usageError } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { Run } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { cacheFolder } from "../gateways/cache.ts";
import type { CommandContext } from "./context.ts";
import { runLive } from "./live-run.ts";
import type { Progress } from "./progress.ts";
import type { ScenarioInput } from "./scenario-input.ts";
import { simulateScenario } from "./simulated-run.ts";

export interface LiveChoices {
  readonly gateway?: string | undefined;
  readonly engine: string;
  readonly timeScale: number;
  readonly simulation: boolean;
  readonly out?: string | undefined;
}

/** What a command has to show for itself. */
export interface RunOutcome {
  readonly run: Run;
  readonly findings: readonly Finding[];
  readonly scenario: Scenario;
  readonly compared?: { readonly run: Run; readonly findings: readonly Finding[]; readonly fidelity: Fidelity };
}

/** Runs live, then simulates the same scenario, seed and trace window, and compares. */
export async function runAndCompare(
  input: ScenarioInput,
  choices: LiveChoices,
  context: CommandContext,
  progress: Progress,
): Promise<RunOutcome> {
  if (choices.engine !== "native") {
    throw usageError(`unknown load engine "${choices.engine}"`, { code: "usage", hint: "allowed: native" });
  }
  try {
    const run = await runLive(input, {
      gateway: choices.gateway ?? input.scenario.platform.gateway,
      timeScale: choices.timeScale,
      cacheDir: cacheFolder(context.terminal.env),
      progress,
      signal: context.interrupts.signal,
    });
    const findings = analyze(run, input.scenario);
    if (!choices.simulation || run.manifest.status !== "complete") {
      progress.done();
      return { run, findings, scenario: input.scenario };
    }
    progress.step("simulating the same scenario");
    const simulated = context.interrupts.whileBlocking(() =>
      simulateScenario(input, { gateway: choices.gateway, timeScale: choices.timeScale }),
    );
    const compared = {
      run: simulated,
      findings: analyze(simulated, input.scenario),
      fidelity: compareRuns(run, simulated),
    };
    progress.done();
    return { run, findings, scenario: input.scenario, compared };
  } catch (cause) {
    progress.fail();
    throw cause;
  }
}
