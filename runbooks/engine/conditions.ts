/**
 * Conditions: what a runbook asks of the world, in a sentence that people read and the engine checks.
 *
 *     errors < 1% for 1m                       an SLI, over the last minute unless `errors over 5m` says otherwise
 *     ttft.p95 of provider azure < 2s          the same of one provider, model or tenant
 *     alert ErrorRateHigh fires                and: is silent
 *     provider azure answers                   a probe past our own gateway; and: fails, answers within 2s for 1m
 *     replicas.ready >= 4                      scale state
 *     a deployment within 2h                   and: no deployment within 2h
 *     errors <= steps.before.output            a limit that an earlier step measured
 *     steps.pods.output contains Running       what an earlier step gave; and: is, is not, status == 200, json.ready is true
 *     errors < 1% and alert CostSpike is silent
 */
import { parseLimit, type MetricUnit } from "../../core/scenario/metrics.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { assertNever } from "../../core/invariant.ts";
import { formatMoney } from "../../core/money.ts";
import { formatDuration, minuteMs, type Ms, parseDuration } from "../../core/time.ts";
import { formatShare } from "../../core/units.ts";
import { nearest } from "../../core/nearest.ts";
import { describeReference, parseReference, type StepReference } from "./references.ts";
import { type ScopeKind, sliExamples, sliOf } from "./slis.ts";

export type Condition =
  | SliCondition
  | { readonly kind: "alert"; readonly alert: string; readonly fires: boolean }
  | ProviderCondition
  | { readonly kind: "deployment"; readonly withinMs: Ms; readonly recent: boolean }
  | OutputCondition
  | { readonly kind: "all"; readonly of: readonly Condition[] };

/** Asked past our own gateway. */
export interface ProviderCondition {
  readonly kind: "provider";
  readonly provider: string;
  readonly answers: boolean;
  /** An answer that takes longer is none; undefined: however long it takes. */
  readonly withinMs: Ms | undefined;
  readonly forMs: Ms;
}

export interface SliCondition extends Pick<Objective, "comparison"> {
  readonly kind: "sli";
  readonly metric: string;
  /** In its unit, or what an earlier step measured. */
  readonly limit: number | StepReference;
  readonly unit: MetricUnit;
  readonly scope: Scope | undefined;
  /** The SLI is taken over this much of the past. */
  readonly windowMs: Ms;
  /** It must have held for so long, without a break. */
  readonly forMs: Ms;
}

/** Part of the traffic. */
export interface Scope {
  readonly kind: ScopeKind;
  readonly name: string;
}

/** About what an earlier step gave. */
export interface OutputCondition {
  readonly kind: "output";
  readonly of: StepReference;
  readonly test:
    | { readonly kind: "text"; readonly verb: "is" | "is not" | "contains"; readonly text: string }
    /** The limit as written: how it reads depends on the unit of what it is compared with. */
    | { readonly kind: "number"; readonly comparison: Objective["comparison"]; readonly limit: string };
}

const windowDefaultMs: Ms = minuteMs;

export type ParsedCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

/** Reads a sentence; says what is wrong with it otherwise. */
export function parseCondition(sentence: string): ParsedCondition {
  const parts = sentence
    .trim()
    .split(/\s+and\s+/)
    .map(parseOne);
  const wrong = parts.find((part) => !part.ok);
  if (wrong !== undefined) return wrong;
  const conditions = parts.flatMap((part) => (part.ok ? [part.condition] : []));
  const [first] = conditions;
  if (first === undefined) return { ok: false, message: "is empty" };
  return { ok: true, condition: conditions.length === 1 ? first : { kind: "all", of: conditions } };
}

function parseOne(text: string): ParsedCondition {
  const alert = /^alert\s+(\S+)\s+(fires|is silent)$/.exec(text);
  if (alert?.[1] !== undefined) return met({ kind: "alert", alert: alert[1], fires: alert[2] === "fires" });
  if (text.startsWith("provider ")) return parseProvider(text);
  const deployment = /^(a|no)\s+deployment\s+within\s+(\S+)$/.exec(text);
  if (deployment?.[2] !== undefined) {
    const withinMs = parseDuration(deployment[2]);
    if (withinMs === undefined) return { ok: false, message: `"${deployment[2]}" is no duration, such as 2h` };
    return met({ kind: "deployment", withinMs, recent: deployment[1] === "a" });
  }
  return text.startsWith("steps.") ? parseOutput(text) : parseSli(text);
}

const textForm = /^(\S+)\s+(is not|is|contains)\s+(\S.*)$/;
const numberForm = /^(\S+)\s*(<=|>=|==|<|>)\s*(\S+)$/;

function parseOutput(text: string): ParsedCondition {
  const [, named = "", verb, rest = ""] = textForm.exec(text) ?? numberForm.exec(text) ?? [];
  const of = parseReference(named);
  if (verb === undefined || of === undefined) {
    const hint = "write steps.ID.output is TEXT, contains TEXT, or a comparison such as steps.ID.status == 200";
    return { ok: false, message: `"${text}" is no condition`, hint };
  }
  if (verb === "is" || verb === "is not" || verb === "contains") {
    return met({ kind: "output", of, test: { kind: "text", verb, text: rest } });
  }
  return met({ kind: "output", of, test: { kind: "number", comparison: comparisonOf(verb), limit: rest } });
}

function comparisonOf(sign: string): Objective["comparison"] {
  return sign === "<" || sign === "<=" || sign === ">" || sign === ">=" ? sign : "==";
}

const providerForm =
  /^provider\s+(\S+)\s+(answers|fails)(?:\s+its model probe)?(?:\s+within\s+(\S+))?(?:\s+for\s+(\S+))?$/;

function parseProvider(text: string): ParsedCondition {
  const [, provider, verb, within, held] = providerForm.exec(text) ?? [];
  if (provider === undefined) {
    const hint = "write provider NAME answers, provider NAME fails, or provider NAME answers within 2s for 1m";
    return { ok: false, message: `"${text}" is no condition`, hint };
  }
  const [withinMs, forMs] = [within, held].map((each) => (each === undefined ? undefined : parseDuration(each)));
  if (within !== undefined && withinMs === undefined) return noDuration(within);
  if (held !== undefined && forMs === undefined) return noDuration(held);
  return met({ kind: "provider", provider, answers: verb === "answers", withinMs, forMs: forMs ?? 0 });
}

/** `over` may stand where it reads best: before the comparison or after it. */
const sliForm =
  /^([\w.-]+)(?:\s+of\s+(provider|model|tenant)\s+(\S+))?(?:\s+over\s+(\S+))?\s*(<=|>=|==|<|>)\s*(\S+)(?:\s+over\s+(\S+))?(?:\s+for\s+(\S+))?$/;

function parseSli(text: string): ParsedCondition {
  const match = sliForm.exec(text);
  if (match === null) {
    return {
      ok: false,
      message: `"${text}" is no condition`,
      hint: "write errors < 1% for 1m, alert NAME fires, provider NAME answers, or a deployment within 2h",
    };
  }
  const [, metric = "", kind, name, overBefore, comparison = "", amount = "", overAfter, held] = match;
  const over = overBefore ?? overAfter;
  const sli = sliOf(metric);
  if (sli === undefined) {
    return {
      ok: false,
      message: `"${metric}" is no SLI; known are ${sliExamples.join(", ")}`,
      ...nearest(metric, sliExamples),
    };
  }
  const { unit } = sli;
  const given = parseReference(amount);
  const limit = given === undefined ? parseLimit(`${comparison} ${amount}`, unit)?.limit : given;
  if (limit === undefined) return { ok: false, message: `"${amount}" is no limit of ${metric}` };
  const [windowMs, forMs] = [over, held].map((written) => (written === undefined ? undefined : parseDuration(written)));
  if (over !== undefined && (windowMs === undefined || windowMs === 0)) return noDuration(over);
  if (held !== undefined && forMs === undefined) return noDuration(held);
  const scope = scopeOf(kind, name);
  if (scope !== undefined && !sli.scopes.includes(scope.kind)) {
    const by = sli.scopes.length === 0 ? "of the whole only" : `by ${sli.scopes.join(", ")}`;
    return { ok: false, message: `"${metric}" is not measured by ${scope.kind}; it is measured ${by}` };
  }
  return met({
    kind: "sli",
    metric,
    unit,
    scope,
    comparison: comparisonOf(comparison),
    limit,
    windowMs: windowMs ?? windowDefaultMs,
    forMs: forMs ?? 0,
  });
}

function scopeOf(kind: string | undefined, name: string | undefined): Scope | undefined {
  if (name === undefined || (kind !== "provider" && kind !== "model" && kind !== "tenant")) return undefined;
  return { kind, name };
}

function met(condition: Condition): ParsedCondition {
  return { ok: true, condition };
}

function noDuration(written: string): ParsedCondition {
  return { ok: false, message: `"${written}" is no duration, such as 30s or 5m` };
}

/** The sentence again, for pictures and prompts. */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case "alert":
      return `alert ${condition.alert} ${condition.fires ? "fires" : "is silent"}`;
    case "provider": {
      const { provider, answers, withinMs, forMs } = condition;
      const within = withinMs === undefined ? "" : ` within ${formatDuration(withinMs)}`;
      return `provider ${provider} ${answers ? "answers" : "fails"}${within}${holding(forMs)}`;
    }
    case "deployment":
      return `${condition.recent ? "a" : "no"} deployment within ${formatDuration(condition.withinMs)}`;
    case "output": {
      const { of, test } = condition;
      const rest = test.kind === "text" ? `${test.verb} ${test.text}` : `${test.comparison} ${test.limit}`;
      return `${describeReference(of)} ${rest}`;
    }
    case "all":
      return condition.of.map(describeCondition).join(" and ");
    case "sli": {
      const { metric, scope, comparison, unit, windowMs, forMs } = condition;
      const whose = scope === undefined ? "" : ` of ${scope.kind} ${scope.name}`;
      const over = windowMs === windowDefaultMs ? "" : ` over ${formatDuration(windowMs)}`;
      const limit =
        typeof condition.limit === "number" ? amountInWords(condition.limit, unit) : describeReference(condition.limit);
      return `${metric}${whose}${over} ${comparison} ${limit}${holding(forMs)}`;
    }
    default:
      return assertNever(condition);
  }
}

function holding(forMs: Ms): string {
  return forMs === 0 ? "" : ` for ${formatDuration(forMs)}`;
}

/** A value of an SLI in its unit. */
export function amountInWords(value: number, unit: MetricUnit): string {
  switch (unit) {
    case "ms":
      return formatDuration(value);
    case "share":
      return formatShare(value);
    case "money":
      return formatMoney(value);
    case "count":
      return String(Number(value.toPrecision(4)));
    default:
      return assertNever(unit);
  }
}
