/**
 * OpenSLO v1 documents as service levels and burn-rate alerts of a scenario. What cannot be carried over is named, never dropped in
 * silence.
 *
 * A query in somebody else's language cannot be turned into a statement about requests. An SLI that Squall wrote says in an
 * annotation which requests are good; any other ratio is taken to be of answered requests, and that is told.
 */
import * as z from "zod";
import { invalidInput, type Problem } from "../../../core/errors.ts";
import { type GoodSpec, parseGood, sloPeriodMs } from "../../../core/scenario/slo-schema.ts";
import { parseDuration, type Ms } from "../../../core/time.ts";
import { plural } from "../../../core/units.ts";
import { annotationName, openSloVersion } from "./names.ts";

export interface ReadOpenSlo {
  readonly slos: readonly ReadSlo[];
  readonly alerts: readonly ReadAlert[];
  /** What was not carried over, or how it was taken, in words. */
  readonly notes: readonly string[];
}

export interface ReadSlo {
  readonly name: string;
  readonly target: number;
  /** undefined: it names no rolling window. */
  readonly periodMs: Ms | undefined;
  readonly good: GoodSpec;
}

/** A burn-rate alert of one service level. */
export interface ReadAlert {
  readonly name: string;
  readonly slo: string;
  readonly burns: number;
  readonly withinMs: Ms;
  readonly forMs: Ms;
  readonly severity: "critical" | "warning" | "info";
  readonly says: string;
}

const known = ["SLO", "SLI", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "DataSource", "Service"];

const metadata = z.object({ name: z.string().min(1), annotations: z.record(z.string(), z.string()).optional() });
const ratio = z.object({ good: z.unknown(), bad: z.unknown(), total: z.unknown(), raw: z.unknown() }).partial();
const sliSpec = z.object({ ratioMetric: ratio.optional(), thresholdMetric: z.unknown().optional() });
const conditionSpec = z.object({
  description: z.string().optional(),
  severity: z.string(),
  condition: z.object({
    kind: z.string().optional(),
    threshold: z.number().positive(),
    lookbackWindow: z.string(),
    alertAfter: z.string().optional(),
  }),
});
const policySpec = z.object({
  conditions: z
    .array(z.union([z.object({ conditionRef: z.string() }), z.object({ metadata, spec: conditionSpec })]))
    .min(1),
});
const sloSpec = z.object({
  indicator: z.object({ metadata, spec: sliSpec }).optional(),
  indicatorRef: z.string().optional(),
  timeWindow: z.array(z.object({ duration: z.string(), isRolling: z.boolean().optional() })).optional(),
  budgetingMethod: z.string().optional(),
  objectives: z.array(z.object({ target: z.number().optional(), targetPercent: z.number().optional() })).min(1),
  alertPolicies: z
    .array(z.union([z.object({ alertPolicyRef: z.string() }), z.object({ metadata, spec: policySpec })]))
    .optional(),
});

const anyDocument = z.object({
  kind: z.string(),
  apiVersion: z.unknown().optional(),
  metadata: z.unknown().optional(),
  spec: z.unknown().optional(),
});

interface OpenSloDocuments {
  readonly slos: ReadonlyMap<string, Of<typeof sloSpec>>;
  readonly slis: ReadonlyMap<string, Of<typeof sliSpec>>;
  readonly policies: ReadonlyMap<string, Of<typeof policySpec>>;
  readonly conditions: ReadonlyMap<string, Of<typeof conditionSpec>>;
}

interface Of<Spec extends z.ZodType> {
  readonly metadata: z.infer<typeof metadata>;
  readonly spec: z.infer<Spec>;
}

/** Reads the documents of one file. Throws `openslo-invalid` (exit code 3) with all that is wrong. */
export function readOpenSlo(given: readonly unknown[], file: string): ReadOpenSlo {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const documents = {
    slos: ofKind("SLO", sloSpec, given, problems),
    slis: ofKind("SLI", sliSpec, given, problems),
    policies: ofKind("AlertPolicy", policySpec, given, problems),
    conditions: ofKind("AlertCondition", conditionSpec, given, problems),
  };
  problems.push(...strangers(given));
  if (documents.slos.size === 0) problems.push({ path: file, message: "has no document of kind SLO" });
  if (problems.length > 0) {
    throw invalidInput(`${file} cannot be used: ${plural(problems.length, "problem")}`, {
      code: "openslo-invalid",
      problems,
    });
  }
  const read = [...documents.slos.values()].flatMap((slo) => sloOf(slo, documents, notes) ?? []);
  return {
    slos: read.map(({ slo }) => slo),
    alerts: read.flatMap(({ slo, source }) => alertsOf(slo, source, documents, notes)),
    notes,
  };
}

function ofKind<Spec extends z.ZodType>(
  kind: string,
  spec: Spec,
  given: readonly unknown[],
  problems: Problem[],
): ReadonlyMap<string, Of<Spec>> {
  const found = new Map<string, Of<Spec>>();
  for (const [index, document] of given.entries()) {
    const header = anyDocument.safeParse(document).data;
    if (header?.kind !== kind) continue;
    const [meta, body] = [metadata.safeParse(header.metadata), spec.safeParse(header.spec)];
    if (header.apiVersion === openSloVersion && meta.success && body.success) {
      found.set(meta.data.name, { metadata: meta.data, spec: body.data });
      continue;
    }
    const path = `document ${index + 1} (${kind})`;
    if (header.apiVersion !== openSloVersion) {
      problems.push({ path, message: `is of ${String(header.apiVersion)}; needed is ${openSloVersion}` });
    }
    for (const issue of [...(meta.error?.issues ?? []), ...(body.error?.issues ?? [])]) {
      problems.push({ path: [path, ...issue.path].join("."), message: issue.message });
    }
  }
  return found;
}

function strangers(given: readonly unknown[]): readonly Problem[] {
  return given.flatMap((document, index) => {
    const kind = anyDocument.safeParse(document).data?.kind;
    if (kind !== undefined && known.includes(kind)) return [];
    return [
      { path: `document ${index + 1}`, message: `is of kind ${kind ?? "nothing"}; known are ${known.join(", ")}` },
    ];
  });
}

function sloOf(
  source: Of<typeof sloSpec>,
  { slis }: OpenSloDocuments,
  notes: string[],
): { readonly slo: ReadSlo; readonly source: Of<typeof sloSpec> } | undefined {
  const { name } = source.metadata;
  const { objectives, indicator, indicatorRef, timeWindow, budgetingMethod } = source.spec;
  const sli = indicator ?? slis.get(indicatorRef ?? "");
  const [first, ...more] = objectives;
  const target = first?.target ?? (first?.targetPercent === undefined ? undefined : first.targetPercent / 100);
  if (sli === undefined) {
    notes.push(`SLO ${name} is left out: its indicator ${indicatorRef ?? ""} is not in the file`);
    return undefined;
  }
  if (sli.spec.ratioMetric === undefined) {
    notes.push(`SLO ${name} is left out: a threshold metric says nothing of single requests`);
    return undefined;
  }
  if (target === undefined || target <= 0 || target >= 1) {
    notes.push(`SLO ${name} is left out: a target between 0 and 1 is needed`);
    return undefined;
  }
  if (more.length > 0) notes.push(`SLO ${name}: only the first of ${objectives.length} objectives is taken`);
  if (budgetingMethod !== undefined && budgetingMethod !== "Occurrences") {
    notes.push(`SLO ${name}: budgeting by ${budgetingMethod} is taken as Occurrences: every request counts once`);
  }
  return { slo: { name, target, periodMs: periodOf(name, timeWindow, notes), good: goodOf(name, sli, notes) }, source };
}

function goodOf(name: string, sli: Of<typeof sliSpec>, notes: string[]): GoodSpec {
  const written = parseGood(sli.metadata.annotations?.[annotationName] ?? "");
  if (written !== undefined) return written;
  notes.push(`SLO ${name}: its queries are not read; good is taken to be an answered request`);
  return { kind: "answered" };
}

function periodOf(name: string, windows: z.infer<typeof sloSpec>["timeWindow"], notes: string[]): Ms | undefined {
  const [window] = windows ?? [];
  if (window === undefined) return undefined;
  if (window.isRolling === false) notes.push(`SLO ${name}: its calendar window is taken as a rolling one`);
  // Months and longer are no fixed time; OpenSLO writes them M, Q and Y.
  const periodMs = parseDuration(window.duration);
  if (periodMs === undefined) notes.push(`SLO ${name}: its window ${window.duration} is taken as 30d`);
  return periodMs;
}

function alertsOf(
  slo: ReadSlo,
  { spec }: Of<typeof sloSpec>,
  { policies, conditions }: OpenSloDocuments,
  notes: string[],
): readonly ReadAlert[] {
  return (spec.alertPolicies ?? []).flatMap((given) => {
    const policy = "alertPolicyRef" in given ? policies.get(given.alertPolicyRef) : given;
    if (policy === undefined) {
      notes.push(`SLO ${slo.name}: one of its alert policies is not in the file`);
      return [];
    }
    return policy.spec.conditions.flatMap((each) => {
      const condition = "conditionRef" in each ? conditions.get(each.conditionRef) : each;
      if (condition !== undefined) return alertOf(slo, condition, notes) ?? [];
      notes.push(`AlertPolicy ${policy.metadata.name}: its condition is not in the file`);
      return [];
    });
  });
}

function alertOf(
  slo: ReadSlo,
  { metadata: { name }, spec }: Of<typeof conditionSpec>,
  notes: string[],
): ReadAlert | undefined {
  const { threshold, lookbackWindow, alertAfter = "0m", kind } = spec.condition;
  const [withinMs, forMs] = [parseDuration(lookbackWindow), parseDuration(alertAfter)];
  if (withinMs === undefined || withinMs === 0 || forMs === undefined || (kind ?? "burnrate") !== "burnrate") {
    notes.push(`AlertCondition ${name} is left out: needed are kind burnrate and windows such as 1h`);
    return undefined;
  }
  return {
    name: pascal(name.startsWith(`${slo.name}-`) ? name.slice(slo.name.length + 1) : name),
    slo: slo.name,
    // Twelve digits: 13.44 comes back as the 2 % that it was made of.
    burns: Number(((threshold * withinMs) / (slo.periodMs ?? sloPeriodMs)).toPrecision(12)),
    withinMs,
    forMs,
    severity: severityOf(spec.severity),
    says: spec.description ?? "",
  };
}

function severityOf(written: string): ReadAlert["severity"] {
  if (/^(page|critical|high|sev[12]|p[01])$/i.test(written)) return "critical";
  return /^(info|low)$/i.test(written) ? "info" : "warning";
}

/** `error-budget-burn-fast` is `ErrorBudgetBurnFast`. */
function pascal(name: string): string {
  return name.replaceAll(/(?:^|[-_.])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
