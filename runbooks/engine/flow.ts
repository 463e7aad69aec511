/** The flow of a runbook as nodes and edges: what its pictures, in whatever format, are drawn from. */
import { assertNever } from "../../core/invariant.ts";
import { describeAction } from "./actions.ts";
import { commandText } from "./commands.ts";
import { describeCondition } from "./conditions.ts";
import type { Branch, FailurePolicy, Phase, PhaseName, Runbook, Step } from "./runbook.ts";

export interface Flow {
  readonly phases: readonly FlowPhase[];
  readonly edges: readonly FlowEdge[];
}

export interface FlowPhase {
  readonly name: PhaseName;
  readonly nodes: readonly FlowNode[];
}

export interface FlowNode {
  /** `contain.2`; of a phase's conditions `contain.entry` and `contain.exit`. */
  readonly id: string;
  readonly kind: "condition" | "decision" | "person" | "action" | "note";
  /** `wait`, `approve`: what kind of step it is, in a word. */
  readonly label: string;
  readonly text: string;
  /** Further lines: when it is done at all, how it is taken back, what follows a failure. */
  readonly notes: readonly string[];
}

export interface FlowEdge {
  readonly from: string;
  /** A node, or `done`. */
  readonly to: string;
  readonly kind: "next" | "yes" | "no" | "fails";
}

/** Where every way ends. */
export const doneId = "done";

export function flowOf({ phases }: Pick<Runbook, "phases">): Flow {
  const drawn = phases.map((phase) => ({ name: phase.name, nodes: nodesOf(phase) }));
  const first = (index: number): string =>
    drawn.slice(index).find(({ nodes }) => nodes.length > 0)?.nodes[0]?.id ?? doneId;
  const startOf = (name: PhaseName): string => first(phases.findIndex((phase) => phase.name === name));
  const edges = phases.flatMap((phase, index) => {
    const nodes = drawn[index]?.nodes ?? [];
    return nodes.flatMap((node, at) => {
      const next = nodes[at + 1]?.id ?? first(index + 1);
      const step = phase.steps.find(({ id }) => id === node.id);
      const leads = (to: Branch): string => (to === "next" ? next : startOf(to));
      return edgesFrom(node.id, step, next, leads);
    });
  });
  return { phases: drawn, edges };
}

function edgesFrom(
  from: string,
  step: Step | undefined,
  next: string,
  leads: (to: Branch) => string,
): readonly FlowEdge[] {
  const after = step?.onFailure.after;
  const fails: readonly FlowEdge[] = after?.next === "phase" ? [{ from, to: leads(after.to), kind: "fails" }] : [];
  if (step?.kind !== "decide") return [{ from, to: next, kind: "next" }, ...fails];
  return [{ from, to: leads(step.yes), kind: "yes" }, { from, to: leads(step.no), kind: "no" }, ...fails];
}

function nodesOf({ name, entry, exit, steps }: Phase): readonly FlowNode[] {
  const condition = (what: string, text: string): FlowNode => ({
    id: `${name}.${what}`,
    kind: "condition",
    label: what,
    text,
    notes: [],
  });
  return [
    ...(entry === undefined ? [] : [condition("entry", describeCondition(entry))]),
    ...steps.map(nodeOf),
    ...(exit === undefined ? [] : [condition("exit", describeCondition(exit.condition))]),
  ];
}

function nodeOf(step: Step): FlowNode {
  const when = step.when === undefined ? [] : [`when ${describeCondition(step.when)}`];
  return { id: step.id, ...drawnAs(step), notes: [...when, ...undoOf(step), ...policyOf(step.onFailure)] };
}

function drawnAs(step: Step): Pick<FlowNode, "kind" | "label" | "text"> {
  switch (step.kind) {
    case "check":
    case "wait":
      return { kind: "condition", label: step.kind, text: describeCondition(step.condition) };
    case "decide":
      return { kind: "decision", label: step.kind, text: `${describeCondition(step.condition)}?` };
    case "action":
      return { kind: "action", label: step.kind, text: describeAction(step.action) };
    case "command":
      return { kind: "action", label: step.tool, text: step.words.join(" ") };
    case "approve":
    case "manual":
      return { kind: "person", label: `${step.kind}, ${step.role}`, text: step.text };
    case "note":
      return { kind: "note", label: step.kind, text: step.text };
    case "measure":
      return { kind: "note", label: step.kind, text: step.measures.join(", ") };
    case "parallel":
      return {
        kind: "action",
        label: "at the same time",
        text: step.steps.map((each) => drawnAs(each).text).join("; "),
      };
    default:
      return assertNever(step);
  }
}

function undoOf(step: Step): readonly string[] {
  if (step.kind === "action" && step.undo.kind === "action") return [`undo: ${describeAction(step.undo.action)}`];
  if (step.kind === "command" && step.undo?.kind === "command")
    return [`undo: ${commandText(step.tool, step.undo.words)}`];
  return [];
}

function policyOf({ retries, after }: FailurePolicy): readonly string[] {
  const again = retries === 0 ? [] : [`tried ${retries + 1} times`];
  return after.next === "continue" || after.next === "undo" ? [...again, `if it fails: ${after.next}`] : again;
}
