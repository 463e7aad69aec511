/**
 * A drill as a Chaos Toolkit experiment: what is checked before becomes its steady state, actions its method, undos its rollbacks; each
 * activity calls Squall. What an experiment cannot say is named.
 */
import { describeAction } from "./actions.ts";
import { describeCondition } from "./conditions.ts";
import { flat, type Runbook, type Step } from "./runbook.ts";

export interface ExportedExperiment {
  readonly experiment: object;
  readonly lost: readonly string[];
}

/** `file`: the runbook, as whoever runs the experiment will find it. */
export function experimentFrom(runbook: Runbook, file: string): ExportedExperiment {
  const steps = flat(runbook.phases.flatMap((phase) => phase.steps));
  const commands = steps.flatMap((step) => (step.kind === "command" ? [step] : []));
  const rollbacks = commands.flatMap(({ id, tool, undo }) =>
    undo?.kind === "command" ? [{ type: "action", name: `undo ${id}`, provider: processOf(tool, undo.words) }] : [],
  );
  const drill = {
    type: "action",
    name: runbook.id,
    provider: { type: "process", path: "squall", arguments: ["drill", file, "--auto"], timeout: 600 },
  };
  const verdict = {
    type: "probe",
    name: `${runbook.id} passes`,
    tolerance: 0,
    provider: { type: "process", path: "squall", arguments: ["drill", file, "--auto", "--json"], timeout: 600 },
  };
  return {
    experiment: {
      version: "1.0.0",
      title: runbook.title,
      description: `Squall runbook ${runbook.id}, version ${runbook.version}, severity ${runbook.severity}, owner ${runbook.owner}`,
      tags: ["squall", ...runbook.services],
      "steady-state-hypothesis": { title: "The drill meets its targets", probes: [verdict] },
      method:
        commands.length === 0
          ? [drill]
          : commands.map(({ id, tool, words }) => ({ type: "action", name: id, provider: processOf(tool, words) })),
      rollbacks,
    },
    lost: steps.flatMap(lossOf),
  };
}

function processOf(tool: "shell" | "kubectl" | "http", words: readonly string[]): object {
  if (tool === "http") return { type: "http", method: words[0] ?? "GET", url: words[1] ?? "" };
  const [path = "", ...rest] = tool === "kubectl" ? ["kubectl", ...words] : words;
  return { type: "process", path, arguments: rest };
}

function lossOf(step: Step): readonly string[] {
  switch (step.kind) {
    case "check":
      return [`${step.id}: check ${describeCondition(step.condition)}; Squall judges it within the drill`];
    case "wait":
      return [`${step.id}: waiting for ${describeCondition(step.condition)}; an experiment only pauses`];
    case "decide":
      return [`${step.id}: a decision by ${describeCondition(step.condition)}; an experiment has no branches`];
    case "action":
      return [`${step.id}: ${describeAction(step.action)}; Squall does it within the drill`];
    case "approve":
    case "manual":
      return [`${step.id}: ${step.role} (${step.text}); an experiment has no people`];
    case "command":
    case "note":
    case "parallel":
    case "measure":
      return [];
  }
}
