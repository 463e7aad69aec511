/**
 * From a user's own calls to a latency profile, and to what can be said of its fit.
 *
 * 1. Prompt slope: robust line through (uncached prompt tokens, TTFT). Not told where prompts hardly differ.
 * 2. TTFT less what the slope explains: the family of `lognormal-mixture.ts` with the least BIC.
 * 3. Speed: per call (tokens − those of the first event) / (end − first token); lognormal, as the model draws it.
 * 4. Events: tokens per event and the scatter of gaps, where the log knows them; else one token and 0.3, assumed.
 *
 * What calls at one load cannot tell is left out of the profile: slowdown at the limit and by the hour are 0.
 */
import { exp, ln } from "../../../core/elementary.ts";
import { median, probit, quantileSorted } from "simple-statistics";
import { invalidInput } from "../../../core/errors.ts";
import { cachedShare, gapSigmaAssumed } from "../../../core/scenario/latency-profile-schema.ts";
import type { LatencyProfile } from "../../../core/scenario/latency-spec.ts";
import { z95 } from "../../../core/distributions.ts";
import type { Ms } from "../../../core/time.ts";
import { plural } from "../../../core/units.ts";
import { type Goodness, goodnessOf } from "./goodness.ts";
import { type FittedTtft, fitTtft, ttftCdf, ttftQuantile } from "./lognormal-mixture.ts";
import { normalCdf } from "./normal.ts";
import { robustSlope } from "./robust-slope.ts";
import type { LatencyLog, LatencySample } from "./sample.ts";

export interface FitOptions {
  /** Name of the profile. */
  readonly name: string;
  /** What the log is called, no path. */
  readonly source: string;
}

export interface LatencyFit {
  readonly profile: LatencyProfile;
  readonly calls: number;
  /** TTFT less what the prompt slope explains, in ms. */
  readonly ttft: Goodness;
  readonly families: readonly { readonly family: string; readonly bic: number }[];
  /** Time per token after the first event, in ms; undefined: too few calls long enough to tell. */
  readonly perToken: Goodness | undefined;
  /** What could not be told from these calls, and what was taken instead. */
  readonly notes: readonly string[];
}

/** Fewer calls say nothing of a tail, and little of a median. */
export const fitCallsMin = 100;

/** p99 rests on the slowest hundredth; ten of those are the least to speak of. */
const p99CallsMin = 1_000;

/** Uncached prompts whose 10th and 90th percentile are closer tell nothing of the slope. */
const promptSpreadMin = 500;

/** Answers that are long enough to have a speed. */
const speedTokensMin = 16;

/** More are thinned out evenly, slowest to fastest, before a family is fitted: the shape stays. */
const fittedMax = 5_000;

/** Fits a profile. Error `too-few-calls` when there are fewer than `fitCallsMin` that can be used. */
export function fitProfile(log: LatencyLog, { name, source }: FitOptions): LatencyFit {
  const { samples } = log;
  if (samples.length < fitCallsMin) throw tooFew(log, source);
  const prompt = promptSlope(samples);
  const promptMs = (sample: LatencySample): Ms =>
    (prompt.msPer1k * Math.max(0, uncachedOf(sample) - prompt.referenceTokens)) / 1_000 +
    (prompt.msPer1k * cachedShare * sample.cachedTokens) / 1_000;
  const restMs = samples.map((sample) => Math.max(restMin, sample.ttftMs - promptMs(sample))).toSorted(ascending);
  const [fitted, ...others] = fitTtft(thinned(restMs));
  if (fitted === undefined) throw tooFew(log, source);
  const events = eventsOf(samples);
  const speed = speedOf(samples, events.tokens);
  const notes = [
    ...prompt.notes,
    ...events.notes,
    ...(speed === undefined ? [`no speed: needed are ${fitCallsMin} answers of ${speedTokensMin} tokens or more`] : []),
    ...(samples.length < p99CallsMin ? [`the 99th percentile is a guess: it needs ${p99CallsMin} calls or more`] : []),
    "slowdown under load and by the hour cannot be told from one log: both are 0",
  ];
  return {
    profile: {
      name,
      title: `fitted from ${source}`,
      status: "fitted",
      source: `${source}, ${plural(samples.length, "call")}; ${fitted.family}`,
      ttft: ttftPart(fitted, prompt),
      speed: speed?.speed,
      tokensPerEvent: events.tokens,
      gapSigma: events.gapSigma,
      slowdownAtLimit: 0,
    },
    calls: samples.length,
    ttft: goodnessOf(
      restMs,
      (ms) => ttftCdf(fitted, ms),
      (share) => ttftQuantile(fitted, share),
    ),
    families: [fitted, ...others].map(({ family, bic }) => ({ family, bic })),
    perToken: speed?.goodness,
    notes,
  };
}

/** A first token that the slope explains more than wholly; a lognormal needs a time above zero. */
const restMin: Ms = 0.1;

interface PromptSlope {
  readonly msPer1k: Ms;
  readonly referenceTokens: number;
  readonly notes: readonly string[];
}

function promptSlope(samples: readonly LatencySample[]): PromptSlope {
  const uncached = samples.map(uncachedOf).toSorted(ascending);
  const [low, high] = [quantileSorted(uncached, 0.1), quantileSorted(uncached, 0.9)];
  const referenceTokens = Math.round(quantileSorted(uncached, 0.05));
  if (high - low < promptSpreadMin) {
    const spread = `from ${Math.round(low)} to ${Math.round(high)} uncached tokens`;
    const note = `no prompt slope: 80 % of the prompts have ${spread}, too alike to tell; longer ones will look too fast`;
    return { msPer1k: 0, referenceTokens: Math.round(median(uncached)), notes: [note] };
  }
  const perToken = robustSlope(samples.map((sample) => ({ x: uncachedOf(sample), y: sample.ttftMs }))) ?? 0;
  const notes =
    perToken > 0
      ? []
      : ["no prompt slope: longer prompts do not wait longer here (the noise is larger, or it is cached)"];
  return { msPer1k: 1_000 * Math.max(0, perToken), referenceTokens, notes };
}

function ttftPart({ floorMs, body, tail }: FittedTtft, prompt: PromptSlope): LatencyProfile["ttft"] {
  return {
    referencePromptTokens: prompt.referenceTokens,
    ...(floorMs === 0 ? {} : { floorMs: micros(floorMs) }),
    body: { medianMs: micros(exp(body.mu)), sigma: digits(body.sigma) },
    tail:
      tail === undefined
        ? undefined
        : {
            weight: digits(tail.weight),
            multiple: digits(exp(tail.mu - body.mu)),
            sigma: digits(tail.sigma),
          },
    uncachedMsPer1k: micros(prompt.msPer1k),
    cachedMsPer1k: micros(cachedShare * prompt.msPer1k),
  };
}

function eventsOf(samples: readonly LatencySample[]): {
  readonly tokens: number;
  readonly gapSigma: number;
  readonly notes: readonly string[];
} {
  const perEvent = samples.flatMap(({ events, outputTokens }) =>
    events === undefined || events === 0 ? [] : [outputTokens / events],
  );
  const scatter = samples.flatMap(({ gapSigma }) => (gapSigma === undefined ? [] : [gapSigma]));
  if (perEvent.length < fitCallsMin) {
    return { tokens: 1, gapSigma: gapSigmaAssumed, notes: ["events are assumed: one token each, gaps scatter by 0.3"] };
  }
  return {
    tokens: Math.max(1, Math.round(median(perEvent))),
    gapSigma: scatter.length === 0 ? gapSigmaAssumed : digits(Math.min(0.5, median(scatter))),
    notes: [],
  };
}

function speedOf(
  samples: readonly LatencySample[],
  tokensPerEvent: number,
): { readonly speed: NonNullable<LatencyProfile["speed"]>; readonly goodness: Goodness } | undefined {
  const perTokenMs = samples
    .filter(({ outputTokens, ttftMs, totalMs }) => outputTokens >= speedTokensMin + tokensPerEvent && totalMs > ttftMs)
    .map(({ outputTokens, ttftMs, totalMs }) => (totalMs - ttftMs) / (outputTokens - tokensPerEvent))
    .toSorted(ascending);
  if (perTokenMs.length < fitCallsMin) return undefined;
  const logs = perTokenMs.map((ms) => ln(ms));
  const mu = median(logs);
  // Through the middle 90 % of calls: a stall inside one stream is no speed.
  const sigma = Math.max(1e-3, (quantileSorted(logs, 0.95) - quantileSorted(logs, 0.05)) / (2 * z95));
  return {
    speed: { medianTokensPerSecond: digits(1_000 / exp(mu)), sigma: digits(sigma) },
    goodness: goodnessOf(
      perTokenMs,
      (ms) => normalCdf((ln(ms) - mu) / sigma),
      (share) => exp(mu + sigma * probit(share)),
    ),
  };
}

function thinned(sorted: readonly number[]): readonly number[] {
  if (sorted.length <= fittedMax) return sorted;
  return Array.from({ length: fittedMax }, (_, index) => {
    return sorted[Math.floor(((index + 0.5) * sorted.length) / fittedMax)] ?? 0;
  });
}

function uncachedOf({ inputTokens, cachedTokens }: LatencySample): number {
  return inputTokens - cachedTokens;
}

function ascending(left: number, right: number): number {
  return left - right;
}

/** Four digits that mean something, which is more than any fit has. */
function digits(value: number): number {
  return Number(value.toPrecision(4));
}

/** To the microsecond, as a profile's file has it. */
function micros(ms: Ms): Ms {
  return Number(ms.toFixed(3));
}

function tooFew({ samples, leftOut }: LatencyLog, source: string): Error {
  const others = leftOut.map(({ reason, calls }) => `${calls} ${reason}`).join("; ");
  return invalidInput(
    `${source} has ${plural(samples.length, "call")} that can be used; needed are ${fitCallsMin} or more${others === "" ? "" : ` (left out: ${others})`}`,
    {
      code: "too-few-calls",
      hint: "needed of each: prompt tokens, output tokens, time to first token, total time; 1,000 calls make a 99th percentile",
    },
  );
}
