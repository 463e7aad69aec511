/** `squall phase`: may a rollout go on? Each step of a phase, simulated or read from a run, against its criteria. */
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { decideStep, type Givens, type StepDecision } from "../../analyzers/rollout/decide.ts";
import { type ExitCode, exitCodes, usageError } from "../../core/errors.ts";
import { parseMoney } from "../../core/money.ts";
import { nearest } from "../../core/nearest.ts";
import type { Run } from "../../core/run.ts";
import { parseRollout, type Rollout, type RolloutPhase, type RolloutStep } from "../../core/scenario/rollout-schema.ts";
import { parseShare } from "../../core/units.ts";
import { renderRollout } from "../../reports/rollout.ts";
import { readRun } from "../../runs/reader.ts";
import { scenarioAtLoad, traceAtLoad } from "../../simulator/sweep/load-factor.ts";
import type { CommandContext } from "../context.ts";
import { readInputFile } from "../input-file.ts";
import { packageFile } from "../package-root.ts";
import { startProgress } from "../progress.ts";
import { type ScenarioInput, readScenarioInput } from "../scenario-input.ts";
import { readScaling } from "../scaling-input.ts";
import { asksForQueue, simulateScenario } from "../simulated-run.ts";

interface PhaseOptions {
  readonly phase?: string;
  readonly criteria?: string;
  readonly run?: string;
  readonly step?: string;
  readonly budget?: number;
  readonly satisfaction?: number;
  readonly satisfactionDrop?: number;
  readonly incidentsCritical?: number;
  readonly incidentsSecurity?: number;
  readonly json?: boolean;
}

export function phaseCommand(context: CommandContext): Command {
  return new Command("phase")
    .description("may a rollout go on? go, no-go or rollback at each step, with reasons")
    .argument("<scenario>", "scenario file (YAML), at its full load")
    .option("--phase <name>", "only this phase; all of them, in order, unless given")
    .option("--criteria <file>", "phases, steps and criteria; scenarios/rollout/phases.yaml unless given")
    .option("--run <dir>", "judge this run instead of simulating; needs --phase and --step")
    .option("--step <step>", "the step that the run was: 250 users, 50%")
    .option("--budget <dollars>", "dollars per hour, for cost.of-budget", parseBudget)
    .option("--satisfaction <share>", "satisfied users, such as 82%", parsePart)
    .option("--satisfaction-drop <share>", "satisfaction lost since the step before, such as 5%", parsePart)
    .option("--incidents-critical <n>", "critical incidents in this phase", parseIncidents)
    .option("--incidents-security <n>", "security incidents in this phase", parseIncidents)
    .option("--json", "print one JSON document on standard output, progress on standard error")
    .addHelpText(
      "after",
      `
Examples:
  $ squall phase scenarios/steady-open.yaml --phase pilot --satisfaction 86% --incidents-critical 0
  $ squall phase scenarios/steady-open.yaml --phase general --budget $40 --incidents-critical 0 --satisfaction-drop 2%
  $ squall phase scenarios/steady-open.yaml --phase limited --step "250 users" --run squall-runs/week-9 --budget $40

Stops at the first step that does not say go. Exit codes: 0 go, 4 no-go or rollback, 6 inconclusive: something was not given.`,
    )
    .action(async (scenario: string, options: PhaseOptions) => {
      const file = options.criteria ?? packageFile("scenarios/rollout/phases.yaml");
      const rollout = parseRollout(await readInputFile(file), file);
      const phases = phasesOf(rollout, options.phase);
      const steps = await decide(scenario, phases, options, context);
      const { terminal } = context;
      if (options.json === true)
        terminal.out(JSON.stringify({ rollout: rollout.name, decision: steps.at(-1)?.decision, steps }));
      else
        terminal.out(renderRollout(path.basename(scenario), steps, { width: terminal.width, colour: terminal.colour }));
      context.exit(exitCodeOf(steps.at(-1)));
    });
}

async function decide(
  file: string,
  phases: readonly RolloutPhase[],
  options: PhaseOptions,
  context: CommandContext,
): Promise<readonly StepDecision[]> {
  const input = await readScenarioInput(file, {}, context.interrupts.signal);
  const { scenario } = input;
  const givens = givensOf(options);
  if (options.run !== undefined) {
    const [phase] = phases;
    const step = phase?.steps.find(({ text }) => text === options.step);
    if (phase === undefined || phases.length > 1 || step === undefined) {
      const known =
        phase === undefined || phases.length > 1 ? "a phase" : phase.steps.map(({ text }) => text).join(", ");
      throw usageError("a run is one step of one phase: --run needs --phase and --step", {
        code: "usage",
        hint: `add both; steps are ${known}`,
      });
    }
    return [decideStep(phase, step, { run: await readRun(options.run), scenario }, givens)];
  }
  const scaling = await readScaling(file, scenario.platform.scaling, undefined);
  const progress = startProgress(context.terminal);
  const decisions: StepDecision[] = [];
  for (const phase of phases) {
    const explain = asksForQueue([...phase.go, ...phase.noGo, ...phase.rollback]);
    for (const step of phase.steps) {
      context.interrupts.signal.throwIfAborted();
      progress.step(`simulating ${phase.name}, ${step.text}`);
      const at = atStep(input, step);
      const run: Run = context.interrupts.whileBlocking(() => simulateScenario(at, { timeScale: 1, scaling, explain }));
      const decision = decideStep(phase, step, { run, scenario: at.scenario }, givens);
      decisions.push(decision);
      if (decision.decision === "go") continue;
      progress.done();
      return decisions;
    }
  }
  progress.done();
  return decisions;
}

function atStep(input: ScenarioInput, { factor }: RolloutStep): ScenarioInput {
  const { trace } = input;
  return {
    ...input,
    scenario: scenarioAtLoad(input.scenario, factor),
    ...(trace === undefined ? {} : { trace: { ...trace, rows: traceAtLoad(trace.rows, factor) } }),
  };
}

function phasesOf({ phases, name }: Rollout, wanted: string | undefined): readonly RolloutPhase[] {
  if (wanted === undefined) return phases;
  const found = phases.filter((phase) => phase.name === wanted);
  if (found.length > 0) return found;
  const known = phases.map((phase) => phase.name);
  const { hint } = nearest(wanted, known);
  throw usageError(`rollout "${name}" has no phase "${wanted}"; it has ${known.join(", ")}`, {
    code: "usage",
    ...(hint === undefined ? {} : { hint }),
  });
}

function givensOf(options: PhaseOptions): Givens {
  const { budget, satisfaction, satisfactionDrop, incidentsCritical, incidentsSecurity } = options;
  return {
    ...(budget === undefined ? {} : { budget }),
    ...(satisfaction === undefined ? {} : { satisfaction }),
    ...(satisfactionDrop === undefined ? {} : { "satisfaction.drop": satisfactionDrop }),
    ...(incidentsCritical === undefined ? {} : { "incidents.critical": incidentsCritical }),
    ...(incidentsSecurity === undefined ? {} : { "incidents.security": incidentsSecurity }),
  };
}

function exitCodeOf(last: StepDecision | undefined): ExitCode {
  if (last === undefined || last.decision === "inconclusive") return exitCodes.inconclusive;
  return last.decision === "go" ? exitCodes.pass : exitCodes.objectiveMissed;
}

function parseBudget(text: string): number {
  const budget = parseMoney(text);
  if (budget === undefined || budget === 0) throw new InvalidArgumentError("needed are dollars per hour, such as $40.");
  return budget;
}

function parsePart(text: string): number {
  const part = parseShare(text);
  if (part === undefined || part > 1) throw new InvalidArgumentError("needed is a share such as 82%.");
  return part;
}

function parseIncidents(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("needed is a whole number, 0 or more.");
  return Number(text);
}
