/**
 * One record as one line of JSON: always the same fields in the same order, milliseconds rounded to three decimals (a
 * microsecond, far below what any clock here resolves), so that equal runs are equal files.
 */
import { invariant } from "../core/invariant.ts";
import { outcomes, type RequestRecord } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import { fieldProblem, type FieldKinds } from "./field-kinds.ts";

const recordKinds: FieldKinds<RequestRecord> = {
  key: "string",
  phase: "string",
  tenant: "string",
  model: "string",
  provider: "string",
  stream: "boolean",
  intendedMs: "number",
  sentMs: "number",
  firstTokenMs: "number or null",
  endMs: "number",
  status: "number",
  outcome: "string",
  reason: "string",
  inputTokens: "number",
  cachedTokens: "number",
  outputTokens: "number",
  chunks: "number",
  gapMaxMs: "number",
  upstreamCalls: "number",
  cost: "number",
  wastedTokens: "number",
};

const phases: Readonly<Record<RequestRecord["phase"], true>> = { warmup: true, baseline: true, load: true };

/** Writes one record, without a line break. The order of the fields is the one below. */
export function recordLine(record: RequestRecord): string {
  const problem = recordProblem(record);
  invariant(problem === undefined, `record ${record.key}: ${problem ?? ""}`);
  const line: RequestRecord = {
    key: record.key,
    phase: record.phase,
    tenant: record.tenant,
    model: record.model,
    provider: record.provider,
    stream: record.stream,
    intendedMs: roundedMs(record.intendedMs),
    sentMs: roundedMs(record.sentMs),
    firstTokenMs: record.firstTokenMs === null ? null : roundedMs(record.firstTokenMs),
    endMs: roundedMs(record.endMs),
    status: record.status,
    outcome: record.outcome,
    reason: record.reason,
    inputTokens: record.inputTokens,
    cachedTokens: record.cachedTokens,
    outputTokens: record.outputTokens,
    chunks: record.chunks,
    gapMaxMs: roundedMs(record.gapMaxMs),
    upstreamCalls: record.upstreamCalls,
    cost: record.cost,
    wastedTokens: record.wastedTokens,
    ...(record.clientTries === undefined ? {} : { clientTries: record.clientTries }),
    ...(record.resends === undefined ? {} : { resends: record.resends }),
    ...(record.hedges === undefined ? {} : { hedges: record.hedges }),
    ...(record.answeredFrom === undefined ? {} : { answeredFrom: record.answeredFrom }),
    ...(record.servedModel === undefined ? {} : { servedModel: record.servedModel }),
    ...(record.spent === undefined ? {} : { spent: record.spent }),
    ...(record.cause === undefined ? {} : { cause: record.cause }),
  };
  return JSON.stringify(line);
}

/** Three decimals. */
export function roundedMs(ms: Ms): Ms {
  return Math.round(ms * 1_000) / 1_000;
}

/** What keeps a value from being a record, in words; undefined when it is one. */
export function recordProblem(value: unknown): string | undefined {
  const problem = fieldProblem<RequestRecord>(value, recordKinds);
  if (problem !== undefined) return problem;
  const record = value as RequestRecord; // every field has just been checked
  if (!Object.hasOwn(phases, record.phase))
    return `"phase" is "${record.phase}"; it must be one of ${Object.keys(phases).join(", ")}`;
  if (!outcomes.includes(record.outcome))
    return `"outcome" is "${record.outcome}"; it must be one of ${outcomes.join(", ")}`;
  return undefined;
}
