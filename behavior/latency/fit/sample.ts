/**
 * What is known of one call to a real model, and the gathering of many: numbers only, no text, no key, no header.
 *
 * A log holds calls that tell nothing of latency: failed ones, ones that were not streamed, ones of another model. They are
 * counted by reason and left out. A bound keeps memory flat; calls beyond it are counted too.
 */
import type { Ms } from "../../../core/time.ts";

export interface LatencySample {
  /** Prompt tokens, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** From sending the request to the first token. */
  readonly ttftMs: Ms;
  /** From sending the request to the last token. */
  readonly totalMs: Ms;
  /** Content events of the stream, where the log knows them. */
  readonly events?: number | undefined;
  /** Standard deviation of the gaps between them as a share of their mean. */
  readonly gapSigma?: number | undefined;
}

/** A call as a log has it: what is not there is undefined. */
export interface LoggedCall {
  readonly model?: string | undefined;
  readonly failed?: boolean | undefined;
  readonly inputTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly ttftMs?: Ms | undefined;
  readonly totalMs?: Ms | undefined;
  readonly events?: number | undefined;
  readonly gapSigma?: number | undefined;
}

export interface LatencyLog {
  readonly samples: readonly LatencySample[];
  /** Calls that were left out, by reason, most frequent first. */
  readonly leftOut: readonly { readonly reason: string; readonly calls: number }[];
  /** Models of the calls that can be used, most frequent first; empty where the log names none. */
  readonly models: readonly { readonly model: string; readonly calls: number }[];
}

/** Calls of one log held in memory: some 100 MB. */
export const samplesMax = 1_000_000;

export interface SampleCollector {
  readonly add: (call: LoggedCall) => void;
  readonly leaveOut: (reason: string) => void;
  readonly finish: () => LatencyLog;
}

/** Keeps the calls of `model`, of every model unless given. */
export function sampleCollector(model: string | undefined): SampleCollector {
  const samples: LatencySample[] = [];
  const leftOut = new Map<string, number>();
  const models = new Map<string, number>();
  const leaveOut = (reason: string): void => void leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  return {
    leaveOut,
    add: (call) => {
      const sample = sampleOf(call);
      if (typeof sample === "string") return leaveOut(sample);
      const { model: called } = call;
      if (called !== undefined) models.set(called, (models.get(called) ?? 0) + 1);
      if (model !== undefined && called !== model) return leaveOut("another model");
      if (samples.length >= samplesMax) return leaveOut(`beyond the first ${samplesMax}`);
      samples.push(sample);
    },
    finish: () => ({
      samples,
      leftOut: mostFirst(leftOut).map(([reason, calls]) => ({ reason, calls })),
      models: mostFirst(models).map(([called, calls]) => ({ model: called, calls })),
    }),
  };
}

/** The sample, or why the call is none. */
function sampleOf(call: LoggedCall): LatencySample | string {
  const { inputTokens, outputTokens, ttftMs, totalMs, cachedTokens = 0 } = call;
  if (call.failed === true) return "failed";
  if (inputTokens === undefined || outputTokens === undefined) return "no token counts";
  if (totalMs === undefined) return "no duration";
  if (ttftMs === undefined) return "no time to first token";
  if (!(ttftMs > 0 && totalMs >= ttftMs)) return "times that cannot be: 0 < first token <= end does not hold";
  if (!isCount(inputTokens) || !isCount(outputTokens) || !isCount(cachedTokens) || outputTokens === 0) {
    return "token counts that cannot be";
  }
  if (totalMs === ttftMs && outputTokens > 1) return "not streamed: the first token comes with the last";
  return {
    inputTokens,
    cachedTokens: Math.min(cachedTokens, inputTokens),
    outputTokens,
    ttftMs,
    totalMs,
    ...(call.events === undefined ? {} : { events: call.events }),
    ...(call.gapSigma === undefined ? {} : { gapSigma: call.gapSigma }),
  };
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 1e8;
}

function mostFirst(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...counts].toSorted((left, right) => right[1] - left[1]);
}
