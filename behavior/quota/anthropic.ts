/**
 * Anthropic's limiter: requests, input tokens and output tokens, each a token bucket of its own.
 *
 * Rules and where they come from (page = platform.claude.com/docs/en/api/rate-limits, read 2026-10):
 * - RPM, ITPM and OTPM per organization and class of models, continuously refilled; whichever is empty first refuses (page).
 * - Input is estimated when a request starts and corrected while it is served (page). The estimate is not published; here it
 *   is four characters a token, less what the cache is known to hold, corrected when the first token comes.
 * - `cache_read_input_tokens` do not count against ITPM; `input_tokens` and `cache_creation_input_tokens` do (page).
 * - Output counts as it is generated, and a large `max_tokens` costs nothing (page, 2026-10). A request is admitted while any
 *   output is left, so answers under way can overdraw the bucket; the debt delays what comes next.
 * - Until the middle of 2026 output was estimated from `max_tokens` at the start and corrected at the end: `reserved`.
 * - Classes share one bucket: Opus 4.5 to 4.8, Sonnet 4.5 and 4.6, Fable 5.x; every other model has its own (tier table of the
 *   page, read 2026-10-08 to 2026-10-17).
 * - A limit may be enforced over shorter intervals, 60 requests per minute as 1 per second (page): slices.
 * - That refused calls count is not documented, so they do not.
 *
 * A limit on `tokens`, input and output together, is what workspaces may be given besides; the plain `tokens` headers then
 * show it, else the sum of the other two.
 */
import { assertNever } from "../../core/invariant.ts";
import type { AccelerationSpec, ModelSpec } from "../../core/scenario/provider-spec.ts";
import { dayMs, minuteMs, type Ms } from "../../core/time.ts";
import type { LimitState, QuotaSnapshot } from "../provider.ts";
import { sharedRamps } from "./acceleration.ts";
import {
  type Counter,
  givenLimits,
  lastToHaveRoom,
  lowestPerMinute,
  msUntilAllHaveRoom,
  scaleAll,
  scarcest,
  shareInUse,
  sharedCounters,
} from "./counters.ts";
import { Instalments } from "./instalments.ts";
import type { Admission, AnswerCourse, Limit, Limiter, Quota, QuotaAsk } from "./quota.ts";
import { overrun, tooLarge } from "./refusals.ts";
import { scopesOf } from "./scopes.ts";

export interface AnthropicQuotaOptions {
  /** Enforce limits per minute (or shorter) in slices of this length; 0: the whole limit may be used in one burst. */
  readonly sliceMs: Ms;
  /** How output is counted; see above. */
  readonly outputCharging: "generated" | "reserved";
  /** Refuses growth of input that is too fast; undefined: never. */
  readonly acceleration?: AccelerationSpec | undefined;
}

/** "1 token is about 3.5 English characters" for Claude (glossary of the documentation); four keeps it with other providers. */
const charactersPerToken = 4;

/** Input tokens that a call is taken to have before it is read. */
export function inputEstimate({ promptCharacters, cachedTokens }: QuotaAsk): number {
  return Math.max(0, Math.ceil(promptCharacters / charactersPerToken) - cachedTokens);
}

/** Input tokens that count against ITPM once the prompt was read. */
export function countedInput({ inputTokens, cachedTokens }: QuotaAsk): number {
  return inputTokens - cachedTokens;
}

/** What the estimate was short of; below 0 when it was too high. */
function misjudgedInput(ask: QuotaAsk): number {
  return countedInput(ask) - inputEstimate(ask);
}

/** Models that share their limits, by what their names begin with. */
const families: readonly (readonly [name: RegExp, family: string])[] = [
  [/^claude-opus-4-[5-8](?!\d)/, "claude-opus-4.5-4.8"],
  [/^claude-sonnet-4-[56](?!\d)/, "claude-sonnet-4.5-4.6"],
  [/^claude-fable-5/, "claude-fable-5"],
];

export function limitFamilyOf({ limitFamily, model }: Pick<ModelSpec, "limitFamily" | "model">): string {
  return limitFamily ?? families.find(([name]) => name.test(model))?.[1] ?? model;
}

/** The limits of a model, worded as in Anthropic's own messages. */
function modelLimits(model: ModelSpec): readonly Limit[] {
  return givenLimits([
    ["requests", model.requestsPerMinute, minuteMs, "requests per minute"],
    ["requests", model.requestsPerDay, dayMs, "requests per day"],
    ["inputTokens", model.inputTokensPerMinute, minuteMs, "input tokens per minute"],
    ["outputTokens", model.outputTokensPerMinute, minuteMs, "output tokens per minute"],
    ["tokens", model.tokensPerMinute, minuteMs, "tokens per minute"],
    ["tokens", model.tokensPerDay, dayMs, "tokens per day"],
  ]);
}

/** One provider's limits, shared by everybody who shares an organization, a project (a workspace) or a key. */
export function anthropicQuota(options: AnthropicQuotaOptions): Quota {
  const metersOf = sharedMeters(options.sliceMs);
  const rampsOf = sharedRamps(options.acceleration);
  return (account, model) => {
    const family = limitFamilyOf(model);
    const meters = scopesOf(account, family, modelLimits(model)).map(({ owner, limits }) => metersOf(owner, limits));
    const ramps = account.limits === undefined ? rampsOf([account.organization, family], "inputTokens") : [];
    return limiter(meters, ramps, options);
  };
}

/** An owner's counters, and the answers that are being charged to them. */
interface Meter {
  readonly counters: readonly Counter[];
  readonly instalments: Instalments;
}

function sharedMeters(sliceMs: Ms): (owner: readonly string[], limits: readonly Limit[]) => Meter {
  const countersOf = sharedCounters(sliceMs);
  const meters = new Map<readonly Counter[], Meter>();
  return (owner, limits) => {
    const counters = countersOf(owner, limits);
    const meter = meters.get(counters) ?? { counters, instalments: instalmentsOf(counters) };
    meters.set(counters, meter);
    return meter;
  };
}

/** The first instalment, when the prompt has been read, corrects the estimate of the input; the others are output. */
function instalmentsOf(counters: readonly Counter[]): Instalments {
  return new Instalments(({ atMs, course, first, outputTokens }) => {
    correct(counters, atMs, { requests: 0, input: first ? misjudgedInput(course.ask) : 0, output: outputTokens });
  });
}

/** What a call takes, or a correction gives back. */
interface Charge {
  readonly requests: number;
  readonly input: number;
  readonly output: number;
}

function costOf({ limit }: Counter, { requests, input, output }: Charge): number {
  switch (limit.dimension) {
    case "requests":
      return requests;
    case "inputTokens":
      return input;
    case "outputTokens":
      return output;
    case "tokens":
      return input + output;
    default:
      return assertNever(limit.dimension);
  }
}

function correct(counters: readonly Counter[], atMs: Ms, charge: Charge): void {
  for (const counter of counters) {
    const by = costOf(counter, charge);
    if (by !== 0) counter.bucket.correct(atMs, by);
  }
}

function limiter(
  meters: readonly Meter[],
  ramps: readonly Counter[],
  { outputCharging }: AnthropicQuotaOptions,
): Limiter {
  const counters = meters.flatMap((meter) => meter.counters);
  const gates = [...counters, ...ramps];
  const of = (dimension: Limit["dimension"]): readonly Counter[] =>
    counters.filter((counter) => counter.limit.dimension === dimension);
  const [requests, inputs, outputs, totals] = [of("requests"), of("inputTokens"), of("outputTokens"), of("tokens")];
  const tokens = [...inputs, ...outputs, ...totals];
  const reserved = (ask: QuotaAsk): number => (outputCharging === "reserved" ? (ask.maxOutputTokens ?? 0) : 0);
  /** What there must be room for: where output is counted as it comes, for one token of it. */
  const needed = (charge: Charge): Charge => (outputCharging === "reserved" ? charge : { ...charge, output: 1 });
  const chargeDue = (nowMs: Ms): void => {
    for (const { instalments } of meters) instalments.chargeDue(nowMs);
  };

  const admit = (nowMs: Ms, ask: QuotaAsk): Admission => {
    chargeDue(nowMs);
    const charge: Charge = { requests: 1, input: inputEstimate(ask), output: reserved(ask) };
    const refusal = refusalOf(counters, gates, nowMs, needed(charge));
    if (refusal !== undefined) return refusal;
    const utilization = Math.min(1, shareInUse(tokens, nowMs));
    for (const gate of gates) gate.bucket.spend(nowMs, costOf(gate, charge));
    return { kind: "admitted", chargedTokens: charge.input + charge.output, utilization };
  };

  const settle: Limiter["settle"] = (nowMs, _charged, ask, usage, course) => {
    chargeDue(nowMs);
    for (const meter of meters) {
      const ended = course === undefined ? { begun: false, paid: reserved(ask) } : meter.instalments.end(course);
      const input = ended.begun ? 0 : misjudgedInput(ask);
      correct(meter.counters, nowMs, { requests: 0, input, output: usage.outputTokens - ended.paid });
    }
  };

  return {
    admit,
    ...(outputCharging === "reserved" ? {} : { answering: (_nowMs, course) => startCharging(meters, course) }),
    settle,
    snapshot: (nowMs) => {
      chargeDue(nowMs);
      return snapshotOf({ requests, inputs, outputs, totals }, nowMs);
    },
    scale: (nowMs, factor) => {
      chargeDue(nowMs);
      scaleAll(counters, nowMs, factor);
    },
    perMinute: { requests: lowestPerMinute(requests), tokens: lowestPerMinute(totals) ?? lowestPerMinute(inputs) },
  };
}

function startCharging(meters: readonly Meter[], course: AnswerCourse): void {
  for (const { instalments } of meters) instalments.begin(course);
}

/** The limit that a call meets, if it meets one: first one that it can never pass, then the one that is last to have room. */
function refusalOf(
  counters: readonly Counter[],
  gates: readonly Counter[],
  nowMs: Ms,
  needed: Charge,
): Admission | undefined {
  const hopeless = counters.find((counter) => costOf(counter, needed) > counter.limit.amount);
  if (hopeless !== undefined) return tooLarge(hopeless, costOf(hopeless, needed));
  const spent = lastToHaveRoom(gates, nowMs, costOf, needed);
  if (spent === undefined) return undefined;
  return overrun(spent, {
    used: spent.bucket.used(nowMs),
    requested: costOf(spent, needed),
    retryAfterMs: msUntilAllHaveRoom(gates, nowMs, costOf, needed),
  });
}

interface CountersByDimension {
  readonly requests: readonly Counter[];
  readonly inputs: readonly Counter[];
  readonly outputs: readonly Counter[];
  readonly totals: readonly Counter[];
}

function snapshotOf({ requests, inputs, outputs, totals }: CountersByDimension, nowMs: Ms): QuotaSnapshot {
  const inputTokens = scarcest(inputs, nowMs);
  const outputTokens = scarcest(outputs, nowMs);
  return {
    requests: scarcest(requests, nowMs),
    tokens: scarcest(totals, nowMs) ?? sum(inputTokens, outputTokens),
    inputTokens,
    outputTokens,
  };
}

function sum(input: LimitState | undefined, output: LimitState | undefined): LimitState | undefined {
  if (input === undefined || output === undefined) return input ?? output;
  return {
    limit: input.limit + output.limit,
    remaining: input.remaining + output.remaining,
    resetMs: Math.max(input.resetMs, output.resetMs),
  };
}
