/**
 * What a gateway does about failures, as the simulator plays it, from what its providers saw of a probe.
 *
 * Waits are taken to double, as those of all gateways known to us do, and to be jittered evenly: the ends of their range are estimated from
 * the smallest and the largest of n (for an even distribution without bias: the range times (n + 1) / (n - 1)). What one policy
 * does not bring to light stays open: the longest wait, and statuses that the probe does not answer with.
 */
import type { Failover } from "../../behavior/gateway-profile.ts";
import { retryAfterMaxMs } from "../../behavior/routing/backoff.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import type { ProbeAnswer } from "./findings.ts";

export interface FailoverSeen {
  /** Of one dialect. */
  readonly answers: readonly ProbeAnswer[];
  /** Statuses that it was told to repeat. */
  readonly retryOn: readonly number[];
  /** Calls to a provider that answers 500 before the next one of its route is called; 0: it never was. */
  readonly callsBeforeFallback: number;
  /** The next one is called after a 400 too, which the gateway was not told. */
  readonly fallsBackAfterRefusal: boolean;
}

export function failoverFrom(seen: FailoverSeen): Failover {
  const { answers, callsBeforeFallback, fallsBackAfterRefusal } = seen;
  const answerTo = (question: string): ProbeAnswer | undefined => answers.find((each) => each.question === question);
  const failed = answerTo("500");
  const patient = answerTo("429, retry-after 3 s");
  return {
    ...waitsOf(answers),
    connectionStatus: answerTo("connection reset")?.status ?? 0,
    ...(obeys(patient, answerTo("429")) ? { retryAfterMsMax: retryAfterMaxMs } : {}),
    ...(failed !== undefined && waitsAfterLast(failed) ? { waitsAfterLast: true } : {}),
    ...repeatsOf(seen),
    ...(fallsBackAfterRefusal ? { fallsBackAlways: true } : {}),
    ...(callsBeforeFallback === 1 && (failed?.calls ?? 0) > 1 ? { retriesRoute: true } : {}),
    ...failureStatusOf(answers),
    ...(patient?.retryAfterPassedOn === false ? { hidesRetryAfter: true } : {}),
  };
}

/** Refusals of which nothing but the status differs, each with its status. */
const refusals: Readonly<Record<string, number>> = {
  "400": 400,
  "401, key revoked": 401,
  "404": 404,
  "429": 429,
  "500": 500,
  "503": 503,
};
/** Those after which every gateway that retries does so by its own back-off. */
const backedOff: readonly string[] = ["429", "500", "503", "503, streamed", "overloaded"];
/** Waits whose range is a smaller part of them than this are alike: a busy machine adds as much. */
const jitterMin = 0.2;

function waitsOf(answers: readonly ProbeAnswer[]): Pick<Failover, "backoffMs" | "jitterMs" | "jitterShare"> {
  const among = answers.filter(({ question }) => backedOff.includes(question));
  const nth = (retry: number): readonly Ms[] => among.flatMap(({ waitsMs }) => waitsMs[retry] ?? []);
  const [first, second] = [rangeOf(nth(0)), rangeOf(nth(1))];
  if (first.rangeMs <= jitterMin * first.fromMs) return { backoffMs: first.leastMs };
  const growing = second.rangeMs > 1.5 * first.rangeMs;
  return {
    backoffMs: first.fromMs,
    ...(growing ? { jitterShare: Math.min(1, first.rangeMs / first.fromMs) } : { jitterMs: first.rangeMs }),
  };
}

interface WaitRange {
  /** As seen. */
  readonly leastMs: Ms;
  /** As estimated. */
  readonly fromMs: Ms;
  readonly rangeMs: Ms;
}

function rangeOf(waitsMs: readonly Ms[]): WaitRange {
  const [count, leastMs] = [waitsMs.length, waitsMs.length === 0 ? 0 : Math.min(...waitsMs)];
  if (count < 2) return { leastMs, fromMs: leastMs, rangeMs: 0 };
  const seenMs = Math.max(...waitsMs) - leastMs;
  const fromMs = Math.max(1, Math.round(leastMs - seenMs / (count - 1)));
  return { leastMs, fromMs, rangeMs: Math.round((seenMs * (count + 1)) / (count - 1)) };
}

/** It waits the three seconds that it is asked for, which it does not by itself. */
function obeys(asked: ProbeAnswer | undefined, unasked: ProbeAnswer | undefined): boolean {
  const [wait, usual] = [asked?.waitsMs[0], unasked?.waitsMs[0]];
  const asLong = 2.9 * secondMs;
  return wait !== undefined && usual !== undefined && wait >= asLong && usual < asLong;
}

/** Its client hears of the failure a wait later than its provider's last answer. */
function waitsAfterLast({ tookMs, waitsMs }: ProbeAnswer): boolean {
  const last = waitsMs.at(-1);
  return last !== undefined && tookMs - waitsMs.reduce((sum, waitMs) => sum + waitMs, 0) > 0.8 * last;
}

/** Absent where it repeats just what it is told. */
function repeatsOf({ answers, retryOn }: FailoverSeen): Pick<Failover, "repeats"> {
  const asked = answers.flatMap(({ question, calls }) => {
    const status = refusals[question];
    return status === undefined ? [] : [{ status, isRepeated: calls > 1 }];
  });
  if (asked.every(({ status, isRepeated }) => isRepeated === retryOn.includes(status))) return {};
  const never = asked.flatMap(({ status, isRepeated }) => (isRepeated ? [] : [status]));
  return { repeats: { never: never.toSorted((one, other) => one - other), asTold: [] } };
}

/** One status for everything is the gateway's own. */
function failureStatusOf(answers: readonly ProbeAnswer[]): Pick<Failover, "failureStatus"> {
  const statuses = new Set(answers.flatMap(({ question, status }) => (question in refusals ? [status] : [])));
  const [only] = statuses;
  return statuses.size === 1 && only !== undefined ? { failureStatus: only } : {};
}
