/**
 * A workload as a plan for k6: the very same requests, markers, prompts and waits, as data that k6 programs can read.
 *
 * Everything is decided before k6 starts. What a user does in a closed phase with an end depends on how fast answers come, so
 * its script is written until its pauses alone fill the phase, or until the plan is as large as it may be; a user who gets to
 * the end of such a script makes the run inconclusive.
 */
import { formatMarker } from "../../behavior/marker.ts";
import { messageCuts, promptCorpus } from "../../behavior/prompt.ts";
import { retryAfterMaxMs } from "../../behavior/routing/backoff.ts";
import type { FailedTry, RetryAgain } from "../../behavior/routing/client-retries.ts";
import type { ClosedPhase, OpenPhase, PlannedRequest, Workload, WorkloadPhase } from "../../behavior/workload.ts";
import { invalidInput } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import {
  type K6Call,
  type K6Phase,
  type K6Plan,
  k6PlanVersion,
  type K6Request,
  type K6User,
} from "../../core/k6-plan.ts";
import type { PhaseName } from "../../core/record.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import { thresholdsOf } from "./thresholds.ts";

export interface K6PlanOptions {
  readonly scenario: string;
  readonly workload: Workload;
  /** Objectives to check while k6 runs; those that it cannot check are left out (thresholds.ts). */
  readonly objectives: readonly Objective[];
  /** Where requests for a model go; undefined: whoever runs the plan says so. */
  readonly call?: (model: string) => K6Call;
  readonly timeScale: number;
  /** Virtual users of k6 in an open phase at most: requests in flight at once. */
  readonly vusMax: number;
  /** Virtual users at least, so that each of so many instances has one. */
  readonly vusMin?: number;
}

/** A plan, and the lines of each phase's file. */
export interface WrittenPlan {
  readonly plan: K6Plan;
  readonly rows: ReadonlyMap<PhaseName, readonly string[]>;
}

/** Requests of one phase at most: each is some 400 bytes, in k6's memory as well. */
export const phaseRequestsMax = 200_000;

/** Throws `plan-too-large` for an open phase with more requests than k6 could be given, `k6-resends` for people who send again. */
export function writePlan(options: K6PlanOptions): WrittenPlan {
  const { workload, timeScale } = options;
  const { timeoutMs, retryAgain, resends } = workload.client;
  if (resends !== undefined) throw sentAgain();
  const written = workload.phases.map((phase) => ({ name: phase.name, ...writePhase(phase, options) }));
  const models = new Set(written.flatMap(({ requested }) => [...requested]));
  return {
    plan: {
      version: k6PlanVersion,
      scenario: options.scenario,
      timeScale,
      timeoutMs,
      ...(retryAgain === undefined
        ? {}
        : { retries: { honourRetryAfter: honoursRetryAfter(retryAgain), retryAfterMaxMs } }),
      calls: callsOf(models, options.call),
      phases: written.map(({ phase }) => phase),
      thresholds: thresholdsOf(options.objectives).thresholds,
      corpus: promptCorpus(),
    },
    rows: new Map(written.map(({ name, rows }) => [name, rows.map((row) => JSON.stringify(row))])),
  };
}

interface WrittenPhase {
  readonly phase: K6Phase;
  readonly rows: readonly (K6Request | K6User)[];
  /** Models that are asked for. */
  readonly requested: ReadonlySet<string>;
}

function writePhase(phase: WorkloadPhase, options: K6PlanOptions): WrittenPhase {
  switch (phase.kind) {
    case "open":
      return writeOpenPhase(phase, options);
    case "closed":
      return writeClosedPhase(phase, options);
    default:
      return assertNever(phase);
  }
}

function writeOpenPhase(phase: OpenPhase, { workload, vusMax, vusMin = 1 }: K6PlanOptions): WrittenPhase {
  const rows: K6Request[] = [];
  for (const planned of phase.arrivals()) {
    if (rows.length === phaseRequestsMax) throw tooLarge(phase.name);
    rows.push(requestOf(phase.name, planned, workload));
  }
  const { name, durationMs } = phase;
  const busiest = mostWithin(rows, workload.client.timeoutMs);
  const vus = Math.min(rows.length, Math.max(vusMin, Math.min(vusMax, busiest)));
  return { phase: { name, kind: "open", rows: rows.length, vus, durationMs }, rows, requested: modelsIn(rows) };
}

function writeClosedPhase(phase: ClosedPhase, { workload }: K6PlanOptions): WrittenPhase {
  const { name, users } = phase;
  const requestsMax = Math.max(1, Math.floor(phaseRequestsMax / users));
  const heads: K6User[] = [];
  const requests: K6Request[] = [];
  for (let user = 0; user < users; user++) {
    const { script, whole } = writeScript(phase, user, requestsMax, workload);
    const from = users + requests.length;
    heads.push({ startMs: phase.startMs(user), from, to: from + script.length, whole });
    for (const request of script) requests.push(request);
  }
  return {
    phase: { name, kind: "closed", rows: users, vus: users, durationMs: phase.durationMs ?? null },
    rows: [...heads, ...requests],
    requested: modelsIn(requests),
  };
}

/** `whole`: it ends where the user would have stopped. */
function writeScript(
  phase: ClosedPhase,
  user: number,
  requestsMax: number,
  workload: Workload,
): { readonly script: readonly K6Request[]; readonly whole: boolean } {
  const lastMs = phase.durationMs ?? Number.POSITIVE_INFINITY;
  const script: K6Request[] = [];
  let earliestMs = phase.startMs(user); // when the next one could be due if answers took no time
  for (const planned of phase.script(user)) {
    if (script.length > 0) earliestMs += planned.thinkMs;
    if (earliestMs > lastMs) break;
    if (script.length === requestsMax) return { script, whole: false };
    script.push(requestOf(phase.name, planned, workload));
  }
  return { script, whole: true };
}

function requestOf(phase: PhaseName, planned: PlannedRequest, { client }: Workload): K6Request {
  const { key, tenant, session, model, stream, inputTokens, cachedTokens } = planned;
  const { maxOutputTokens, leaveAfterMs, atMs, thinkMs } = planned;
  const waitsMs = client.retryAgain === undefined ? [] : waitsOf(key, client.retryAgain);
  return {
    key,
    tenant,
    ...(session === key ? {} : { session }),
    model,
    stream,
    inputTokens,
    cachedTokens,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(leaveAfterMs === undefined ? {} : { leaveAfterMs }),
    atMs,
    thinkMs,
    marker: formatMarker(phase, planned),
    messages: messageCuts(planned),
    ...(waitsMs.length === 0 ? {} : { waitsMs }),
  };
}

/** Tries of a client's library at most, in a plan. */
const triesMax = 100;

/** How long the library waits before each further try when the server asks for nothing. */
function waitsOf(key: string, retryAgain: RetryAgain): readonly Ms[] {
  const waits: Ms[] = [];
  for (let tries = 1; tries < triesMax; tries++) {
    const waitMs = retryAgain(refused(key, tries, undefined));
    if (waitMs === undefined) break;
    waits.push(waitMs);
  }
  return waits;
}

/** A wait that no back-off draws: if the library answers with it, it obeys the server. */
const askedMs = 1_234.567;

function honoursRetryAfter(retryAgain: RetryAgain): boolean {
  return retryAgain(refused("probe", 1, askedMs)) === askedMs;
}

function refused(key: string, tries: number, retryAfterMs: Ms | undefined): FailedTry {
  return { key, tries, outcome: "server-error", status: 503, retryAfterMs };
}

/** Most rows that are due within one span of that length: nobody waits longer, so no more are in flight at once. */
function mostWithin(rows: readonly K6Request[], spanMs: Ms): number {
  let most = 1;
  let from = 0;
  for (const [to, { atMs }] of rows.entries()) {
    while ((rows[from]?.atMs ?? atMs) < atMs - spanMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

function modelsIn(requests: readonly K6Request[]): ReadonlySet<string> {
  return new Set(requests.map(({ model }) => model));
}

function callsOf(models: ReadonlySet<string>, call: K6PlanOptions["call"]): Record<string, K6Call> {
  return call === undefined ? {} : Object.fromEntries([...models].map((model) => [model, call(model)]));
}

/** k6 hands an answer over when it is whole: nobody there knows whether it has begun, which is what people are patient for. */
function sentAgain(): Error {
  return invalidInput("traffic.clients.resend is not for k6, which cannot see whether an answer has begun", {
    code: "k6-resends",
    hint: "use --engine native, or leave it out; traffic.clients.retries can be played by both",
  });
}

function tooLarge(phase: PhaseName): Error {
  return invalidInput(
    `phase ${phase} has more than ${phaseRequestsMax} requests, which is more than k6 is given at once`,
    {
      code: "plan-too-large",
      hint: "play a part of it (--window for a trace, a shorter `for`), or use --engine native",
    },
  );
}
