/**
 * A Chaos Toolkit experiment as a runbook: its steady state becomes what is checked before and after, its method what is done, its
 * rollbacks how that is taken back. What could not be carried over is named, never guessed.
 *
 * Read: the experiment's documentation (chaostoolkit.org, "The Chaos Toolkit Experiment API"): `title`, `description`,
 * `steady-state-hypothesis.probes`, `method` of actions and probes with `pauses`, `rollbacks`; providers `process`, `http`, `python`.
 */
import * as z from "zod";
import { invalidInput } from "../../core/errors.ts";

const provider = z.looseObject({
  type: z.string(),
  path: z.string().optional(),
  arguments: z
    .union([
      z.string(),
      z.array(z.union([z.string(), z.number()])),
      z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    ])
    .optional(),
  url: z.string().optional(),
  method: z.string().optional(),
  module: z.string().optional(),
  func: z.string().optional(),
});

const activity = z.looseObject({
  type: z.enum(["probe", "action"]),
  name: z.string(),
  provider,
  tolerance: z.unknown().optional(),
  pauses: z.looseObject({ before: z.number().optional(), after: z.number().optional() }).optional(),
});

const experimentSchema = z.looseObject({
  title: z.string(),
  description: z.string().optional(),
  "steady-state-hypothesis": z.looseObject({ title: z.string().optional(), probes: z.array(activity) }).optional(),
  method: z.array(activity),
  rollbacks: z.array(activity).optional(),
});

type Activity = z.output<typeof activity>;

export interface ImportedRunbook {
  readonly id: string;
  readonly markdown: string;
  /** What an experiment says and a runbook cannot, one sentence each. */
  readonly lost: readonly string[];
}

/** `data`: the experiment, parsed from JSON or YAML. Throws `experiment-invalid`. */
export function runbookFromExperiment(data: unknown, name: string): ImportedRunbook {
  const read = experimentSchema.safeParse(data);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    throw invalidInput(`${name} is no Chaos Toolkit experiment`, { code: "experiment-invalid", problems });
  }
  const experiment = read.data;
  const id = idOf(experiment.title);
  const hypothesis = experiment["steady-state-hypothesis"]?.probes ?? [];
  const rollbacks = experiment.rollbacks ?? [];
  const lost: string[] = lostOf(experiment);
  const steady = hypothesis.map((each) => probeStep(each, lost));
  const done = experiment.method.map((each, index) => methodStep(each, rollbackFor(each, index, rollbacks), lost));
  const markdown = [
    frontMatter(id, experiment.title),
    `# ${oneLine(experiment.title)}`,
    oneLine(experiment.description ?? ""),
    "Imported from a Chaos Toolkit experiment. Write an exit condition about what users get in place of the one below.",
    ...section("Triage", steady),
    ...section("Contain", [...done, block(["exit: errors < 1%"])]),
    ...section("Resolve", [...steady, block(["exit: errors < 1%"])]),
    ...section("Review", [block(["measure: [error-budget, cost]"])]),
  ];
  return { id, markdown: `${markdown.filter((part) => part !== "").join("\n\n")}\n`, lost };
}

/** Parts that have no place in a runbook. */
function lostOf(experiment: z.output<typeof experimentSchema>): string[] {
  const known = ["configuration", "secrets", "controls", "contributions", "runtime", "extensions"] as const;
  return known.flatMap((part) =>
    part in experiment ? [`${part}: a runbook has none; write the values where they are used`] : [],
  );
}

function frontMatter(id: string, title: string): string {
  return [
    "---",
    `id: ${id}`,
    `title: ${JSON.stringify(oneLine(title))}`,
    "severity: SEV3 / P2",
    "owner: name-of-a-team",
    "services: [gateway]",
    "blast-radius: [route]",
    "---",
  ].join("\n");
}

function section(title: string, blocks: readonly string[]): readonly string[] {
  return blocks.length === 0 ? [] : [`## ${title}`, ...blocks];
}

function probeStep(probe: Activity, lost: string[]): string {
  if (probe.tolerance !== undefined) {
    lost.push(`${probe.name}: its tolerance ${JSON.stringify(probe.tolerance)} is not judged, only whether it runs`);
  }
  return step(probe, undefined, lost);
}

function methodStep(each: Activity, undo: Activity | undefined, lost: string[]): string {
  const pause = (each.pauses?.before ?? 0) + (each.pauses?.after ?? 0);
  if (pause > 0) lost.push(`${each.name}: its pauses of ${pause} s; wait for a condition instead`);
  if (each.type === "action" && undo === undefined)
    lost.push(`${each.name}: no rollback of the same place or name takes it back`);
  return each.type === "probe" ? probeStep(each, lost) : step(each, undo, lost);
}

/** By name (`stop x` and `start x` share a word), or by place where there are as many. */
function rollbackFor(action: Activity, index: number, rollbacks: readonly Activity[]): Activity | undefined {
  if (action.type !== "action") return undefined;
  return rollbacks.find(({ name }) => name.includes(action.name)) ?? rollbacks[index];
}

function step(each: Activity, undo: Activity | undefined, lost: string[]): string {
  const command = commandOf(each);
  if (command === undefined) {
    const { type, module: module_ = "", func = "" } = each.provider;
    lost.push(`${each.name}: ${type} provider ${module_}.${func} has no counterpart; a person does it`);
    return block([`manual: ${JSON.stringify(oneLine(each.name))}`]);
  }
  const undoWords = undo === undefined ? undefined : commandOf(undo)?.words;
  return block([
    `${command.tool}: ${JSON.stringify(command.words)}`,
    `undo: ${undoWords === undefined ? noUndo[each.type] : JSON.stringify(undoWords)}`,
  ]);
}

const noUndo: Readonly<Record<Activity["type"], string>> = {
  probe: "none, because it only looks",
  action: "none, because the experiment does not say how",
};

function commandOf({
  provider: { type, path, arguments: given, url, method },
}: Activity): { readonly tool: "shell" | "http"; readonly words: readonly string[] } | undefined {
  if (type === "http" && url !== undefined) return { tool: "http", words: [method ?? "GET", url] };
  if (type !== "process" || path === undefined) return undefined;
  return { tool: "shell", words: [path, ...argumentsOf(given)] };
}

function argumentsOf(given: z.output<typeof provider>["arguments"]): readonly string[] {
  if (given === undefined) return [];
  if (typeof given === "string") return given.split(/\s+/).filter((word) => word !== "");
  if (Array.isArray(given)) return given.map(String);
  return Object.entries(given).flatMap(([key, value]) => [
    key,
    ...(value === null || value === "" ? [] : [String(value)]),
  ]);
}

function block(lines: readonly string[]): string {
  return ["```squall", ...lines, "```"].join("\n");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function idOf(title: string): string {
  const id = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 64);
  return id === "" ? "imported" : id;
}
