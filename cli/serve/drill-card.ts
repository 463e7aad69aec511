/** What everybody at the console may know of a drill: its runbook, and nothing of the half that is hidden. */
import { assertNever } from "../../core/invariant.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { plural } from "../../core/units.ts";
import { describeAction } from "../../runbooks/engine/actions.ts";
import { describeCondition } from "../../runbooks/engine/conditions.ts";
import { holes, parseReference } from "../../runbooks/engine/references.ts";
import type { Runbook, Step } from "../../runbooks/engine/runbook.ts";
import { titled } from "../../runbooks/engine/titles.ts";
import type { DrillCard, Offer, StepCard } from "../../web/console/game-day.ts";
import type { Asked } from "../drill/drill-folder.ts";
import { proseMarkup } from "./prose.ts";

export function drillCard(
  runbook: Runbook,
  { world, mode }: Pick<Asked, "world" | "mode">,
  objectives: readonly Objective[],
): DrillCard {
  return {
    ...offerOf(runbook, runbook.id),
    world,
    mode,
    phases: runbook.phases.map(({ name, prose, steps }) => ({
      name,
      title: titled(name),
      prose: proseMarkup(prose).text,
      steps: steps.flatMap(stepCards),
    })),
    objectives: { errors: limitOf(objectives, "errors"), ttftP95Ms: limitOf(objectives, "ttft.p95") },
  };
}

export function offerOf({ title, severity, owner }: Runbook, id: string): Offer {
  return { id, title, about: `${severity} · ${owner}` };
}

function limitOf(objectives: readonly Objective[], metric: string): number | undefined {
  return objectives.find((each) => each.metric === metric && each.comparison.startsWith("<"))?.limit;
}

/** Steps that run side by side stand each by itself: they are begun and end one by one. */
function stepCards(step: Step): readonly StepCard[] {
  const own = { id: step.id, text: stepWords(step) };
  return step.kind === "parallel" ? [own, ...step.steps.flatMap(stepCards)] : [own];
}

function stepWords(step: Step): string {
  switch (step.kind) {
    case "check":
      return `Check: ${describeCondition(step.condition)}`;
    case "wait":
      return `Wait: ${describeCondition(step.condition)}`;
    case "decide":
      return `Decide: ${describeCondition(step.condition)}?`;
    case "action":
      return `Do: ${describeAction(step.action)}`;
    case "approve":
      return `Approve (${step.role.replaceAll("-", " ")}): ${readable(step.text)}`;
    case "manual":
      return `By hand (${step.role.replaceAll("-", " ")}): ${readable(step.text)}`;
    case "note":
      return readable(step.text);
    case "measure":
      return `Measure: ${step.measures.map((name) => name.replaceAll("-", " ")).join(", ")}`;
    case "command":
      return `Run ${step.tool}: ${readable(step.words.join(" "))}`;
    case "parallel":
      return `${plural(step.steps.length, "step")} side by side`;
    default:
      return assertNever(step);
  }
}

/** What an earlier step gives is known when its turn comes; before that, whence it comes. */
function readable(text: string): string {
  return text.replaceAll(holes, (hole: string, inner: string) => {
    const reference = parseReference(inner);
    return reference === undefined ? hole : `(from step ${reference.step})`;
  });
}
