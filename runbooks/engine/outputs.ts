/**
 * What steps give to the steps after them: `steps.ID.output` in conditions, `{{ steps.ID.output }}` in texts and commands.
 *
 *     check, wait      output: the value that was measured, in its unit; of alerts, providers and deployments what was seen, as a text
 *     shell, kubectl   output: what it printed     status: its exit code         json.a.b: within what it printed
 *     http             output: the body            status: the answer's status   json.a.b: within the body
 *     action           output: the state after it  before: the state before it
 *     manual           output: what was attested   who: by whom
 *     approve, decide  output: yes or no           who: by whom
 *
 * Outputs live in the journal, redacted like everything there, so that a drill that goes on after a crash knows the same.
 */
import type { MetricUnit } from "../../core/scenario/metrics.ts";
import { assertNever } from "../../core/invariant.ts";
import { toDollars } from "../../core/money.ts";
import { amountInWords, type Condition } from "./conditions.ts";
import type { JournalEntry } from "./journal.ts";
import { redactedWord, redactText } from "./redaction.ts";
import { holes, parseReference, type StepReference } from "./references.ts";
import type { Step } from "./runbook.ts";

export interface Output {
  readonly value: string | number;
  /** Of a number that was measured; undefined: a bare one. */
  readonly unit?: MetricUnit;
}

/** Outputs of one step, by field. */
export type StepOutputs = Readonly<Record<string, Output>>;

/** What kind of value a field has; `json` is known only when it is there. */
export type OutputType =
  | { readonly kind: "text" }
  | { readonly kind: "json" }
  | { readonly kind: "number"; readonly unit: MetricUnit };

const text: OutputType = { kind: "text" };
const bareNumber: OutputType = { kind: "number", unit: "count" };

/** Fields that a step gives, with their types; empty when it gives none. */
export function outputTypesOf(step: Step): Readonly<Record<string, OutputType>> {
  switch (step.kind) {
    case "check":
    case "wait":
      return { output: typeOfCondition(step.condition) };
    case "action":
      return { output: text, before: text };
    case "command":
      return { output: text, status: bareNumber, json: { kind: "json" } };
    case "manual":
      return { output: step.attest === "number" ? bareNumber : text, who: text };
    case "approve":
    case "decide":
      return { output: text, who: text };
    case "note":
    case "measure":
    case "parallel":
      return {};
    default:
      return assertNever(step);
  }
}

function typeOfCondition(condition: Condition): OutputType {
  return condition.kind === "sli" ? { kind: "number", unit: condition.unit } : text;
}

/** What steps have given so far. */
export class Outputs {
  readonly #bySteps = new Map<string, StepOutputs>();

  /** As an earlier part of the same drill left them. */
  constructor(entries: readonly JournalEntry[]) {
    for (const { kind, step, data = {} } of entries) {
      if ((kind !== "step-holds" && kind !== "step-fails") || step === undefined) continue;
      this.keep(step, (data["outputs"] ?? {}) as StepOutputs);
    }
  }

  /** Those of the last visit count. */
  keep(step: string, outputs: StepOutputs): void {
    const kept = Object.entries(outputs).map(([field, output]): readonly [string, Output] => [
      field,
      typeof output.value === "string" ? { ...output, value: redactText(output.value) } : output,
    ]);
    this.#bySteps.set(step, Object.fromEntries(kept));
  }

  /** Undefined while the step has not been done, or gave no such value. */
  read({ step, field, path }: StepReference): Output | undefined {
    const outputs = this.#bySteps.get(step);
    if (field !== "json") return outputs?.[field];
    const within = valueAt(outputs?.["output"]?.value, path);
    if (typeof within === "string" || typeof within === "number") return { value: within };
    return within === undefined ? undefined : { value: JSON.stringify(within) };
  }
}

/** Undefined where the text is no JSON, or has no such place. */
function valueAt(printed: string | number | undefined, path: readonly string[]): unknown {
  if (typeof printed !== "string") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(printed);
  } catch {
    return undefined;
  }
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/** A text that people read, filled in: numbers in their units, and words for what is not there. */
export function filledText(written: string, outputs: Outputs): string {
  return written.replaceAll(holes, (_, inner: string) => {
    const output = outputOf(inner, outputs);
    return output === undefined ? `(${missingInWords(inner, outputs)})` : outputInWords(output);
  });
}

/** Why there is nothing to fill in, for whoever reads it amid a sentence. */
function missingInWords(inner: string, outputs: Outputs): string {
  const reference = parseReference(inner);
  if (reference === undefined) return `${inner.trim()} is not known`;
  const { step } = reference;
  // `--auto` and models of people do what they are asked, and have no number of a ticket to give.
  const who = outputs.read({ step, field: "who", path: [] })?.value;
  return `not given ${who === undefined ? "" : `by ${who} `}in step ${step}`;
}

export function outputInWords({ value, unit }: Output): string {
  if (typeof value === "string") return value;
  return unit === undefined ? String(value) : amountInWords(value, unit);
}

export type FilledWords =
  | { readonly ok: true; readonly words: readonly string[] }
  /** A command is never run with a hole in it. */
  | { readonly ok: false; readonly missing: string };

/**
 * Words of a command, filled in: milliseconds, shares as fractions and money in dollars, as bare numbers. A value stays within its
 * word whatever it contains; `encoded`: as part of an address.
 */
export function filledWords(
  words: readonly string[],
  outputs: Outputs,
  encoded: (index: number) => boolean,
): FilledWords {
  let missing: string | undefined;
  const filled = words.map((word, index) =>
    word.replaceAll(holes, (_, inner: string) => {
      const output = outputOf(inner, outputs);
      // A key that the journal does not keep is not known after a crash, so it is known to nobody.
      if (output === undefined || plainValue(output).includes(redactedWord)) missing ??= inner.trim();
      const plain = output === undefined ? "" : plainValue(output);
      return encoded(index) ? encodeURIComponent(plain) : plain;
    }),
  );
  return missing === undefined ? { ok: true, words: filled } : { ok: false, missing };
}

function plainValue({ value, unit }: Output): string {
  if (typeof value === "string") return value;
  return String(unit === "money" ? toDollars(value) : value);
}

function outputOf(inner: string, outputs: Outputs): Output | undefined {
  const read = parseReference(inner);
  return read === undefined ? undefined : outputs.read(read);
}
