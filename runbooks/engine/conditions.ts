/**
 * Conditions: what a runbook asks of the world, in a sentence that people read and the engine checks.
 *
 *     errors < 1% for 1m                       an SLI, over the last minute unless `over 5m` says otherwise
 *     ttft.p95 of provider azure < 2s          the same of one provider, model or tenant
 *     alert ErrorRateHigh fires                and: is silent
 *     provider azure answers                   a probe past our own gateway; and: fails
 *     replicas.ready >= 4                      scale state
 *     a deployment within 2h                   and: no deployment within 2h
 *     errors < 1% and alert CostSpike is silent
 */
import { parseLimit, type MetricUnit } from "../../core/scenario/metrics.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { minuteMs, type Ms, parseDuration } from "../../core/time.ts";
import { nearest } from "../../core/nearest.ts";

export type Condition =
  | SliCondition
  | { readonly kind: "alert"; readonly alert: string; readonly fires: boolean }
  | { readonly kind: "provider"; readonly provider: string; readonly answers: boolean }
  | { readonly kind: "deployment"; readonly withinMs: Ms; readonly recent: boolean }
  | { readonly kind: "all"; readonly of: readonly Condition[] };

export interface SliCondition extends Pick<Objective, "comparison" | "limit"> {
  readonly kind: "sli";
  readonly metric: string;
  readonly unit: MetricUnit;
  readonly scope: Scope | undefined;
  /** The SLI is taken over this much of the past. */
  readonly windowMs: Ms;
  /** It must have held for so long, without a break. */
  readonly forMs: Ms;
}

/** Part of the traffic. */
export interface Scope {
  readonly kind: "provider" | "model" | "tenant";
  readonly name: string;
}

/** SLIs that a condition may be about, by unit. Latencies take `.mean`, `.max` or a percentile. */
const slis: readonly { readonly unit: MetricUnit; readonly names: readonly string[] }[] = [
  { unit: "share", names: ["errors", "rate-limited", "goodput", "as-asked", "cache.hits", "tokens.of-limit"] },
  { unit: "money", names: ["cost.per-hour", "cost.per-request", "cost.total"] },
  {
    unit: "count",
    names: [
      "queue.depth",
      "replicas.ready",
      "replicas.wished",
      "scaling.reversals",
      "requests.per-second",
      "calls.per-request",
      "tokens.per-request",
    ],
  },
];

const latency = /^(?:ttft|itl|e2e)\.(?:mean|max|p\d{1,2}(?:\.\d+)?)$/;

/** What there is, for messages. */
export const sliExamples: readonly string[] = ["ttft.p95", "itl.p50", "e2e.p95", ...slis.flatMap(({ names }) => names)];

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
  const provider = /^provider\s+(\S+)\s+(answers|fails)(?:\s+its model probe)?$/.exec(text);
  if (provider?.[1] !== undefined)
    return met({ kind: "provider", provider: provider[1], answers: provider[2] === "answers" });
  const deployment = /^(a|no)\s+deployment\s+within\s+(\S+)$/.exec(text);
  if (deployment?.[2] !== undefined) {
    const withinMs = parseDuration(deployment[2]);
    if (withinMs === undefined) return { ok: false, message: `"${deployment[2]}" is no duration, such as 2h` };
    return met({ kind: "deployment", withinMs, recent: deployment[1] === "a" });
  }
  return parseSli(text);
}

const sliForm =
  /^([\w.-]+)(?:\s+of\s+(provider|model|tenant)\s+(\S+))?\s*(<=|>=|==|<|>)\s*(\S+)(?:\s+over\s+(\S+))?(?:\s+for\s+(\S+))?$/;

function parseSli(text: string): ParsedCondition {
  const match = sliForm.exec(text);
  if (match === null) {
    return {
      ok: false,
      message: `"${text}" is no condition`,
      hint: "write errors < 1% for 1m, alert NAME fires, provider NAME answers, or a deployment within 2h",
    };
  }
  const [, metric = "", kind, name, comparison = "", amount = "", over, held] = match;
  const unit = unitOf(metric);
  if (unit === undefined) {
    return {
      ok: false,
      message: `"${metric}" is no SLI; known are ${sliExamples.join(", ")}`,
      ...nearest(metric, sliExamples),
    };
  }
  const limit = parseLimit(`${comparison} ${amount}`, unit);
  if (limit === undefined) return { ok: false, message: `"${amount}" is no limit of ${metric}` };
  const [windowMs, forMs] = [over, held].map((written) => (written === undefined ? undefined : parseDuration(written)));
  if (over !== undefined && (windowMs === undefined || windowMs === 0)) return noDuration(over);
  if (held !== undefined && forMs === undefined) return noDuration(held);
  const scope = scopeOf(kind, name);
  return met({ kind: "sli", metric, unit, scope, ...limit, windowMs: windowMs ?? windowDefaultMs, forMs: forMs ?? 0 });
}

function unitOf(metric: string): MetricUnit | undefined {
  return latency.test(metric) ? "ms" : slis.find(({ names }) => names.includes(metric))?.unit;
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
