/** The flow of a runbook as a Mermaid flowchart, which Git hosts draw where it stands in Markdown. */
import { assertNever } from "../../core/invariant.ts";
import { describeAction } from "./actions.ts";
import { describeCondition } from "./conditions.ts";
import type { Branch, Runbook, Step } from "./runbook.ts";
import { titled } from "./titles.ts";

export function runbookGraph({ phases }: Runbook): string {
  const lines = ["flowchart TD"];
  const first = (index: number): string => {
    const phase = phases[index];
    if (phase === undefined) return "done([done])";
    const [step] = phase.steps;
    return step === undefined ? `${phase.name}_exit` : nodeOf(step.id);
  };
  const phaseStart = (name: Branch): string => first(phases.findIndex((phase) => phase.name === name));
  for (const [index, phase] of phases.entries()) {
    lines.push(`  subgraph ${phase.name} [${titled(phase.name)}]`);
    for (const step of phase.steps) lines.push(`    ${nodeOf(step.id)}${shapeOf(step)}`);
    if (phase.exit !== undefined)
      lines.push(`    ${phase.name}_exit{{"${quoted(describeCondition(phase.exit.condition))}"}}`);
    lines.push("  end");
    const chain = [
      ...phase.steps.map(({ id }) => nodeOf(id)),
      ...(phase.exit === undefined ? [] : [`${phase.name}_exit`]),
    ];
    for (const [at, node] of chain.entries()) {
      const next = chain[at + 1] ?? first(index + 1);
      const step = phase.steps[at];
      if (step?.kind === "decide") {
        lines.push(`  ${node} -- yes --> ${step.yes === "next" ? next : phaseStart(step.yes)}`);
        lines.push(`  ${node} -- no --> ${step.no === "next" ? next : phaseStart(step.no)}`);
        continue;
      }
      lines.push(`  ${node} --> ${next}`);
      if (step?.onFailure.after.next === "phase") {
        lines.push(`  ${node} -. fails .-> ${phaseStart(step.onFailure.after.to)}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

function shapeOf(step: Step): string {
  const text = quoted(textOf(step));
  switch (step.kind) {
    case "decide":
      return `{"${text}"}`;
    case "approve":
    case "manual":
      return `[/"${text}"/]`;
    case "check":
    case "wait":
      return `{{"${text}"}}`;
    case "action":
    case "note":
    case "parallel":
    case "measure":
    case "command":
      return `["${text}"]`;
    default:
      return assertNever(step);
  }
}

function textOf(step: Step): string {
  switch (step.kind) {
    case "check":
      return `check: ${describeCondition(step.condition)}`;
    case "wait":
      return `wait: ${describeCondition(step.condition)}`;
    case "decide":
      return `${describeCondition(step.condition)}?`;
    case "action":
      return describeAction(step.action);
    case "approve":
      return `${step.role} approves: ${step.text}`;
    case "manual":
      return `${step.role}: ${step.text}`;
    case "note":
      return step.text;
    case "measure":
      return step.measures.join(", ");
    case "parallel":
      return `at the same time: ${step.steps.map(textOf).join("; ")}`;
    case "command":
      return `${step.tool}: ${step.words.join(" ")}`;
  }
}

/** A name that Mermaid takes. */
function nodeOf(id: string): string {
  return id.replaceAll(/[^\w]/g, "_");
}

/** Text within quotes; Mermaid takes HTML's names of signs. */
function quoted(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
