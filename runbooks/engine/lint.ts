/**
 * What is wrong with a runbook whose every block is right by itself: steps that nobody reaches, phases without a way to know
 * that they are over, actions outside of the blast radius.
 */
import type { Problem } from "../../core/errors.ts";
import { type RunbookAction, describeAction } from "./actions.ts";
import { lintOutputs } from "./lint-outputs.ts";
import { flat, type Phase, type PhaseName, phaseNames, type Runbook, type Step } from "./runbook.ts";

/** Problems with their lines, none when it can be run. */
export function lintRunbook(runbook: Runbook): readonly Problem[] {
  return [
    ...runbook.phases.flatMap((phase) => phaseProblems(phase, runbook)),
    ...duplicateIds(runbook),
    ...unreachable(runbook),
    ...lintOutputs(runbook),
  ];
}

/** Phases that are about a state of the world, so that the engine has to be told when it is reached. */
const needExit: ReadonlySet<PhaseName> = new Set(["contain", "resolve"]);

function phaseProblems(phase: Phase, runbook: Runbook): readonly Problem[] {
  const { name, line, exit, steps } = phase;
  return [
    ...(steps.length === 0 && exit === undefined
      ? [problem(name, line, "has no step; write one, or leave the phase out")]
      : []),
    ...(needExit.has(name) && exit === undefined
      ? [problem(name, line, "has no exit condition; add a block such as exit: errors < 1% for 1m")]
      : []),
    ...flat(steps).flatMap((step) => stepProblems(step, runbook)),
  ];
}

function stepProblems(step: Step, runbook: Runbook): readonly Problem[] {
  const targets = branchesOf(step).filter((to) => !runbook.phases.some((phase) => phase.name === to));
  const lost = targets.map((to) =>
    problem(step.id, step.line, `leads to ${to}, a phase that this runbook does not have`),
  );
  if (step.kind !== "action") return lost;
  const acts: readonly RunbookAction[] = [step.action, ...(step.undo.kind === "action" ? [step.undo.action] : [])];
  const outside = acts.filter((action) => !runbook.blastRadius.includes(action.kind));
  const message = (action: RunbookAction): string =>
    `would ${describeAction(action)}, which is outside of the blast radius; allowed are ${runbook.blastRadius.join(", ")}`;
  return [...lost, ...outside.map((action) => problem(step.id, step.line, message(action)))];
}

function duplicateIds({ phases }: Runbook): readonly Problem[] {
  const seen = new Set<string>();
  return flat(phases.flatMap((phase) => phase.steps)).flatMap((step) => {
    if (!seen.has(step.id)) {
      seen.add(step.id);
      return [];
    }
    return [problem(step.id, step.line, "is the name of another step too")];
  });
}

/** Steps after a decision both of whose branches lead away, and phases that every way passes by. */
function unreachable({ phases }: Runbook): readonly Problem[] {
  const problems: Problem[] = [];
  const reached = new Set<PhaseName>(phases.slice(0, 1).map(({ name }) => name));
  for (const [index, phase] of phases.entries()) {
    if (!reached.has(phase.name)) {
      problems.push(problem(phase.name, phase.line, "is never reached: every way leads past it"));
      continue;
    }
    let leaves = false;
    for (const step of phase.steps) {
      if (leaves) {
        problems.push(
          problem(step.id, step.line, "is never reached: the decision before it leads away on both branches"),
        );
        break;
      }
      for (const to of branchesOf(step)) reached.add(to);
      leaves = step.kind === "decide" && step.yes !== "next" && step.no !== "next";
    }
    const following = phases[index + 1];
    if (!leaves && following !== undefined) reached.add(following.name);
  }
  return problems;
}

/** Phases that a step may lead to. */
function branchesOf(step: Step): readonly PhaseName[] {
  const { after } = step.onFailure;
  const failure = after.next === "phase" ? [after.to] : [];
  const chosen = step.kind === "decide" ? [step.yes, step.no] : [];
  return [...failure, ...chosen.flatMap((to) => phaseNames.find((name) => name === to) ?? [])];
}

function problem(path: string, line: number, message: string): Problem {
  return { path, line, message };
}
