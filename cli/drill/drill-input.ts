/** What a drill is given: the runbook, the scenario that is played underneath, and the alerts that are watched. */
import path from "node:path";
import { invalidInput, usageError } from "../../core/errors.ts";
import type { AlertsSpec } from "../../core/scenario/alert-schema.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { lintForScenario } from "../../runbooks/engine/lint-names.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import type { Runbook } from "../../runbooks/engine/runbook.ts";
import { readAlertsOrDefaults } from "../alert-files.ts";
import { readInputFile } from "../input-file.ts";
import { readScaling, type ScalingInput } from "../scaling-input.ts";
import { readScenarioInput, type ScenarioInput } from "../scenario-input.ts";

export interface DrillInput {
  readonly runbook: Runbook;
  /** The runbook as given, so that an interrupted drill goes on with the same one. */
  readonly text: string;
  readonly input: ScenarioInput;
  readonly alerts: AlertsSpec;
  readonly scaling: ScalingInput | undefined;
}

export interface DrillFiles {
  readonly runbookFile: string;
  /** In place of the runbook's own. */
  readonly scenarioFile?: string | undefined;
  readonly seed?: number | undefined;
  /** Text of the runbook, where it is known already. */
  readonly text?: string | undefined;
}

/** Errors: `runbook-invalid`, `scenario-missing`, and those of a scenario. */
export async function readDrillInput(files: DrillFiles, signal: AbortSignal): Promise<DrillInput> {
  const { runbookFile, seed } = files;
  const text = files.text ?? (await readInputFile(runbookFile));
  const runbook = parseRunbook(text, runbookFile);
  const scenarioFile = files.scenarioFile ?? besideRunbook(runbookFile, runbook);
  const written = await readScenarioInput(scenarioFile, { seed: seed ?? runbook.drill?.seed }, signal);
  const input = { ...written, scenario: fromTheLoadOn(written.scenario) };
  const alerts = await readAlertsOrDefaults(input.scenario, scenarioFile);
  const problems = lintForScenario(runbook, input.scenario, alerts.alerts);
  if (problems.length > 0) {
    throw invalidInput(`runbook ${runbookFile} does not fit scenario "${input.scenario.name}"`, {
      code: "runbook-invalid",
      problems,
    });
  }
  const scaling = await readScaling(scenarioFile, input.scenario.platform.scaling, undefined);
  return { runbook, text, input, alerts, scaling };
}

function besideRunbook(runbookFile: string, { drill, id }: Runbook): string {
  if (drill !== undefined) return path.resolve(path.dirname(runbookFile), drill.scenario);
  throw usageError(`runbook ${id} has no drill half, so there is nothing to play it on`, {
    code: "scenario-missing",
    hint: "add --scenario FILE, or a drill section to its front matter",
  });
}

/** A drill compares with nothing, so nothing comes before the load. */
function fromTheLoadOn(scenario: Scenario): Scenario {
  const { traffic } = scenario;
  const load = traffic.load.kind === "closed" ? { ...traffic.load, baselineUsers: 0 } : traffic.load;
  return { ...scenario, traffic: { ...traffic, load, warmupRequests: 0 } };
}
