/** What steps want of the steps before them: whether there is such a step, whether it comes before, and whether the types fit. */
import type { Problem } from "../../core/errors.ts";
import { limitForms, parseLimit } from "../../core/scenario/metrics.ts";
import { assertNever } from "../../core/invariant.ts";
import { nearest } from "../../core/nearest.ts";
import type { Condition, OutputCondition, SliCondition } from "./conditions.ts";
import { type OutputType, outputTypesOf } from "./outputs.ts";
import { describeReference, parseReference, referencesIn, type StepReference } from "./references.ts";
import { flat, type Phase, type Runbook, type Step } from "./runbook.ts";

/** Fields by step, of all steps that come before. */
type Known = ReadonlyMap<string, Readonly<Record<string, OutputType>>>;

/** Where something is wanted, and what is there. */
interface Place {
  readonly path: string;
  readonly line: number;
  readonly known: Known;
  readonly all: readonly string[];
}

/** Problems with their lines, none when everything that is wanted is given. */
export function lintOutputs({ phases, limits }: Pick<Runbook, "phases" | "limits">): readonly Problem[] {
  const all = phases.flatMap(({ steps }) => flat(steps).map(({ id }) => id));
  const known = new Map<string, Readonly<Record<string, OutputType>>>();
  // Limits are watched from the beginning on, when no step has given anything.
  const watched = limits.stopWhen.flatMap((each) => ofCondition(each, { path: "limits", line: 1, known, all }));
  return [...watched, ...phases.flatMap((phase) => phaseProblems(phase, known, all))];
}

function phaseProblems(
  phase: Phase,
  known: Map<string, Readonly<Record<string, OutputType>>>,
  all: Place["all"],
): readonly Problem[] {
  const at = (path: string, line: number): Place => ({ path, line, known: new Map(known), all });
  const { name, line, entry, exit } = phase;
  const begin = entry === undefined ? [] : ofCondition(entry, at(`${name}.entry`, line));
  const steps = phase.steps.flatMap((step) => {
    // Steps that run at the same time do not wait for each other.
    const found = flat([step]).flatMap((each) => ofStep(each, at(each.id, each.line)));
    for (const each of flat([step])) known.set(each.id, outputTypesOf(each));
    return found;
  });
  const end = exit === undefined ? [] : ofCondition(exit.condition, at(`${name}.exit`, line));
  return [...begin, ...steps, ...end];
}

function ofStep(step: Step, place: Place): readonly Problem[] {
  return [...(step.when === undefined ? [] : ofCondition(step.when, place)), ...ofKind(step, place)];
}

function ofKind(step: Step, place: Place): readonly Problem[] {
  switch (step.kind) {
    case "check":
    case "wait":
    case "decide":
      return ofCondition(step.condition, place);
    case "action":
      return step.proof === undefined ? [] : ofCondition(step.proof, place);
    case "manual":
    case "approve":
    case "note":
      return ofText(step.text, place);
    case "command": {
      const { words, undo, dryRun = [], state = [], proof } = step;
      const undone = undo?.kind === "command" ? undo.words : [];
      const first = [words, undone, dryRun, state].filter(([word = ""]) => referencesIn(word).length > 0);
      return [
        ...first.map(() =>
          problem(place, "begins with what another step gives; what is allowed is told by the first word"),
        ),
        ...[...words, ...undone, ...dryRun, ...state].flatMap((word) => ofText(word, place)),
        ...(proof === undefined ? [] : ofCondition(proof, place)),
      ];
    }
    case "parallel":
    case "measure":
      return [];
    default:
      return assertNever(step);
  }
}

function ofText(text: string, place: Place): readonly Problem[] {
  return referencesIn(text).flatMap((written) => {
    const reference = parseReference(written);
    if (reference !== undefined) return ofReference(reference, place).problems;
    return [problem(place, `wants {{ ${written} }}, which is not of the form steps.ID.output`)];
  });
}

function ofCondition(condition: Condition, place: Place): readonly Problem[] {
  switch (condition.kind) {
    case "sli":
      return typeof condition.limit === "number" ? [] : ofLimit(condition, condition.limit, place);
    case "output":
      return ofOutput(condition, place);
    case "all":
      return condition.of.flatMap((part) => ofCondition(part, place));
    case "alert":
    case "provider":
    case "deployment":
      return [];
    default:
      return assertNever(condition);
  }
}

function ofLimit({ metric, unit }: SliCondition, reference: StepReference, place: Place): readonly Problem[] {
  const { type, problems } = ofReference(reference, place);
  if (type === undefined || (type.kind === "number" && type.unit === unit)) return problems;
  const given = type.kind === "number" ? units[type.unit] : units[type.kind];
  return [problem(place, `compares ${metric}, ${units[unit]}, with ${describeReference(reference)}, ${given}`)];
}

const units: Readonly<Record<SliCondition["unit"] | "text" | "json", string>> = {
  ms: "a duration",
  share: "a share",
  money: "an amount of money",
  count: "a number",
  text: "a text",
  json: "whatever is found there",
};

function ofOutput({ of, test }: OutputCondition, place: Place): readonly Problem[] {
  const { type, problems } = ofReference(of, place);
  if (type === undefined) return problems;
  const name = describeReference(of);
  if (test.kind === "text") {
    if (type.kind !== "number") return [];
    return [
      problem(place, `asks whether ${name} ${test.verb} a text; it is ${units[type.unit]}: use <, <=, ==, >= or >`),
    ];
  }
  if (type.kind === "text")
    return [problem(place, `compares ${name}, a text, with a number; use is, is not or contains`)];
  const unit = type.kind === "number" ? type.unit : "count";
  if (parseLimit(`${test.comparison} ${test.limit}`, unit) !== undefined) return [];
  return [problem(place, `compares ${name} with "${test.limit}"; needed is ${limitForms[unit]}`)];
}

interface Found {
  readonly type: OutputType | undefined;
  readonly problems: readonly Problem[];
}

function ofReference(reference: StepReference, place: Place): Found {
  const { step, field } = reference;
  const { known, all } = place;
  const fields = known.get(step);
  const name = describeReference(reference);
  if (fields === undefined) {
    const message = all.includes(step)
      ? `wants ${name}, and ${step} is not done before it`
      : `wants ${name}, and there is no step ${step}`;
    const hint = all.includes(step) ? {} : nearest(step, [...known.keys()]);
    return { type: undefined, problems: [{ ...problem(place, message), ...hint }] };
  }
  const type = fields[field];
  if (type !== undefined) return { type, problems: [] };
  const given = Object.keys(fields);
  const message = `wants ${name}, and ${step} gives ${given.length === 0 ? "nothing" : `${given.join(", ")} only`}`;
  return { type, problems: [problem(place, message)] };
}

function problem({ path, line }: Place, message: string): Problem {
  return { path, line, message };
}
