/**
 * A drill as a Chaos Toolkit experiment: its steady state is that the drill passes, commands are its method and their undos its rollbacks;
 * without commands its method is the drill. What an experiment cannot say is named.
 */
import { describeAction } from "./actions.ts";
import { commandText } from "./commands.ts";
import { describeCondition } from "./conditions.ts";
import { type CommandStep, flat, type Phase, type Runbook, type Step } from "./runbook.ts";

export interface ExportedExperiment {
  readonly experiment: object;
  readonly lost: readonly string[];
}

/** `file`: the runbook, as whoever runs the experiment will find it. */
export function experimentFrom(runbook: Runbook, file: string): ExportedExperiment {
  const steps = flat(runbook.phases.flatMap((phase) => phase.steps));
  const commands = steps.flatMap((step) => (step.kind === "command" ? [step] : []));
  const rollbacks = commands.flatMap((step) =>
    step.undo?.kind === "command"
      ? [{ type: "action", name: `undo ${step.id}`, provider: providerOf(step, step.undo.words) }]
      : [],
  );
  const drill = (...more: readonly string[]): object => ({
    type: "process",
    path: "squall",
    arguments: ["drill", file, "--auto", ...more],
    timeout: drillSeconds,
  });
  const verdict = { type: "probe", name: `${runbook.id} passes`, tolerance: 0, provider: drill("--json") };
  return {
    experiment: {
      version: "1.0.0",
      title: runbook.title,
      description: `Squall runbook ${runbook.id}, version ${runbook.version}, severity ${runbook.severity}, owner ${runbook.owner}`,
      tags: ["squall", ...runbook.services],
      "steady-state-hypothesis": { title: "The drill meets its targets", probes: [verdict] },
      method:
        commands.length === 0
          ? [{ type: "action", name: runbook.id, provider: drill() }]
          : commands.map((step) => ({ type: "action", name: step.id, provider: providerOf(step, step.words) })),
      rollbacks,
    },
    lost: [
      ...lostOfRunbook(runbook),
      ...runbook.phases.flatMap(lostOfPhase),
      ...steps.flatMap((step) => [...lostOfStep(step), ...lostOfWhen(step)]),
      ...(commands.length === 0
        ? []
        : ["allow-lists, questions and idempotency keys of commands; an experiment runs them at once"]),
    ],
  };
}

/** Longest simulated drill, with room for a slow machine. */
const drillSeconds = 600;

/** JSON goes as the toolkit's `arguments`, which it sends as JSON under this header. */
function providerOf({ tool, withinMs }: CommandStep, words: readonly string[]): object {
  const timeout = withinMs / 1_000;
  if (tool === "http") {
    const [method = "GET", url = "", body] = words;
    const sent = body === undefined ? undefined : jsonOf(body);
    const json = sent === undefined ? {} : { headers: { "Content-Type": "application/json" }, arguments: sent };
    return { type: "http", method, url, timeout, ...json };
  }
  const [path = "", ...rest] = tool === "kubectl" ? ["kubectl", ...words] : words;
  return { type: "process", path, arguments: rest, timeout };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function lostOfRunbook({ limits, targets, prerequisites, blastRadius }: Runbook): readonly string[] {
  const limited = [limits.timeMs, limits.cost, limits.errors, ...limits.stopWhen].some((limit) => limit !== undefined);
  const isJudged = Object.values(targets).some((target) => target !== undefined);
  return [
    ...(limited ? ["limits: Squall watches them within the drill; an experiment has no stop conditions"] : []),
    ...(isJudged ? ["targets: Squall judges them within the drill"] : []),
    ...(prerequisites.length === 0 ? [] : ["prerequisites: an experiment has none"]),
    `blast-radius (${blastRadius.join(", ")}): Squall keeps to it within the drill`,
  ];
}

function lostOfPhase({ name, entry, exit }: Phase): readonly string[] {
  return [
    ...(entry === undefined ? [] : [`${name}: its entry condition ${describeCondition(entry)}`]),
    ...(exit === undefined ? [] : [`${name}: its exit condition ${describeCondition(exit.condition)}`]),
  ].map((lost) => `${lost}; an experiment has no phases`);
}

function lostOfStep(step: Step): readonly string[] {
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
    case "note":
      return [`${step.id}: a note (${step.text})`];
    case "parallel":
      return [`${step.id}: steps at the same time; they stand one after the other`];
    case "measure":
      return [`${step.id}: measures (${step.measures.join(", ")}); Squall takes them within the drill`];
    case "command":
      return lostOfCommand(step);
  }
}

function lostOfCommand({
  id,
  tool,
  words,
  state,
  dryRun,
  proof,
  undo,
}: CommandStep & { readonly id: string }): readonly string[] {
  const isLost = (sent: readonly string[]): boolean =>
    tool === "http" && sent[2] !== undefined && jsonOf(sent[2]) === undefined;
  return [
    ...(isLost(words) ? [`${id}: its body, which is no JSON`] : []),
    ...(undo?.kind === "command" && isLost(undo.words) ? [`${id}: the body of its undo, which is no JSON`] : []),
    ...(dryRun === undefined ? [] : [`${id}: its dry run ${commandText(tool, dryRun)}`]),
    ...(state === undefined ? [] : [`${id}: its state ${commandText(tool, state)}, by which Squall verifies the undo`]),
    ...(proof === undefined ? [] : [`${id}: its proof ${describeCondition(proof)}`]),
    ...(undo?.kind === "none" ? [`${id}: why nothing takes it back (${undo.why})`] : []),
  ];
}

function lostOfWhen({ id, when, onFailure: { retries, after } }: Step): readonly string[] {
  return [
    ...(when === undefined ? [] : [`${id}: only when ${describeCondition(when)}; an experiment does it in any case`]),
    ...(retries === 0 && after.next === "stop" ? [] : [`${id}: what follows when it fails`]),
  ];
}
