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
  timeout: z.number().positive().optional(),
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
  const undos = experiment.method.map((each, index) => rollbackFor(each, index, rollbacks));
  const done = experiment.method.map((each, index) => methodStep(each, undos[index], lost));
  for (const { name } of rollbacks.filter((each) => !undos.includes(each))) {
    lost.push(`${name}: a rollback of no action; add it as a step of Resolve`);
  }
  const markdown = [
    frontMatter(id, experiment.title),
    `# ${oneLine(experiment.title)}`,
    oneLine(experiment.description ?? ""),
    "Imported from a Chaos Toolkit experiment. Write an exit condition about what users get in place of the one below.",
    ...section(
      "Triage",
      steady.length === 0 ? [] : [oneLine(experiment["steady-state-hypothesis"]?.title ?? ""), ...steady],
    ),
    ...section("Contain", [...done, block(["exit: errors < 1%"])]),
    ...section("Resolve", [...steady, block(["exit: errors < 1%"])]),
    ...section("Review", [block(["measure: [error-budget, cost]"])]),
  ];
  return { id, markdown: `${markdown.filter((part) => part !== "").join("\n\n")}\n`, lost };
}

/** Parts that have no place in a runbook. */
function lostOf(experiment: z.output<typeof experimentSchema>): string[] {
  const parts = ["configuration", "secrets", "controls", "contributions", "runtime", "extensions", "tags"] as const;
  return parts.flatMap((part) =>
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
  lost.push(...lostOfActivity(each));
  const command = commandOf(each);
  if (command === undefined) {
    const { type, module: module_ = "", func = "" } = each.provider;
    lost.push(`${each.name}: ${type} provider ${module_}.${func} has no counterpart; a person does it`);
    return block([`manual: ${JSON.stringify(oneLine(each.name))}`]);
  }
  const { timeout } = each.provider;
  return block([
    `${command.tool}: ${JSON.stringify(command.words)}`,
    `undo: ${undoOf(each, command.tool, undo, lost)}`,
    ...(timeout === undefined ? [] : [`within: ${timeout}s`]),
  ]);
}

/** An undo is of the same tool as what it takes back. */
function undoOf(each: Activity, tool: Command["tool"], undo: Activity | undefined, lost: string[]): string {
  if (undo === undefined) return noUndo[each.type];
  lost.push(...lostOfActivity(undo));
  const command = commandOf(undo);
  if (command?.tool === tool) return JSON.stringify(command.words);
  lost.push(
    `${undo.name}: a ${undo.provider.type} provider cannot take back a ${each.provider.type} one here; a person does it`,
  );
  return "none, because a person takes it back";
}

/** What an activity says that a step has no word for. */
function lostOfActivity({ name, provider: by, ...more }: Activity): readonly string[] {
  const known = {
    activity: ["type", "name", "provider", "tolerance", "pauses"],
    provider: ["type", "path", "arguments", "url", "method", "module", "func", "timeout"],
  };
  const unknown = [
    ...Object.keys(more).filter((key) => !known.activity.includes(key)),
    ...Object.keys(by).filter((key) => !known.provider.includes(key)),
  ];
  const filled = JSON.stringify(by).includes("${")
    ? [`${name}: values in \${…} are not filled in; write them out`]
    : [];
  return [...unknown.map((key) => `${name}: its ${key}; a step has none`), ...filled];
}

const noUndo: Readonly<Record<Activity["type"], string>> = {
  probe: "none, because it only looks",
  action: "none, because the experiment does not say how",
};

interface Command {
  readonly tool: "shell" | "http";
  readonly words: readonly string[];
}

function commandOf({ provider: { type, path, arguments: given, url, method = "GET" } }: Activity): Command | undefined {
  if (type === "http" && url !== undefined) {
    const [asked, isRead] = [URL.parse(url), method === "GET"];
    // The toolkit sends them as the query of a GET and as the body of everything else.
    if (isRead && asked !== null && typeof given === "object" && !Array.isArray(given))
      for (const [key, value] of Object.entries(given)) asked.searchParams.append(key, String(value));
    const body = isRead || given === undefined ? [] : [typeof given === "string" ? given : JSON.stringify(given)];
    return { tool: "http", words: [method, isRead ? (asked?.href ?? url) : url, ...body] };
  }
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
