/**
 * Draws how long one answer takes and lays out its events.
 *
 *     TTFT  = factor · (floor + X + slope · max(0, uncached − reference) / 1000 + cached slope · cached / 1000 + thought)
 *     gap   = factor · 1000 / speed · (output tokens after the first event) / (events after the first)
 *
 * X is drawn from the profile's mixture of lognormals, speed from a lognormal, both once per request and independently (their
 * published correlation is between −0.22 and 0.25). `thought` is the pause of a model that reasons: a lognormal number of hidden
 * tokens at that speed. The factor is the scale, times faults, times the slowdown under load, times that of the hour.
 *
 * Event i is due at TTFT + gap · (i + σ cos 2πuᵢ), where uᵢ is a uniform number addressed by i, so that any event can be asked
 * for alone. cos 2πu has variance 1/2, two independent displacements make the variance of a gap σ²(1/2 + 1/2) · gap²: its
 * standard deviation is exactly σ gaps, and with σ <= 1/2 no event overtakes the next. The first and the last event stay in
 * place, so TTFT and total are known without any event (and the first and last gap vary less: σ / √2).
 */
import { distribution, type Distribution } from "../../core/distributions.ts";
import { cos } from "../../core/elementary.ts";
import { invariant } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import { dayMs, hourMs, secondMs, type Ms } from "../../core/time.ts";
import type { LatencyProfile } from "../../core/scenario/latency-spec.ts";
import type { ResponsePlan } from "../provider.ts";
import { DrawnAnswer } from "./drawn-answer.ts";

export interface LatencyAsk {
  /** Prompt tokens, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Multiplies every time: scale, faults and load together. */
  readonly factor: number;
  /** Why it will end; by itself unless given. */
  readonly finish?: ResponsePlan["finish"];
}

export interface LatencyModel {
  readonly profile: LatencyProfile;
  /** Draws from `random` in a fixed order and number, whatever is asked. */
  readonly time: (random: RandomStream, ask: LatencyAsk) => DrawnAnswer;
  /** Exact expectations, for checks that sample nothing. */
  readonly meanTtftMs: (ask: LatencyAsk) => Ms;
  readonly meanTotalMs: (ask: LatencyAsk) => Ms;
}

export function latencyModel(profile: LatencyProfile): LatencyModel {
  invariant(profile.gapSigma >= 0 && profile.gapSigma <= 0.5, `gapSigma must be 0..0.5, got ${profile.gapSigma}`);
  invariant(profile.tokensPerEvent >= 1, `tokensPerEvent must be at least 1, got ${profile.tokensPerEvent}`);
  const atReferenceMs = ttftDistribution(profile);
  const perTokenMs = perTokenDistribution(profile);
  const thoughtTokens = thoughtDistribution(profile);
  const thoughtMeanMs = perTokenMs.mean * (thoughtTokens?.mean ?? 0);
  const meanTtftMs = (ask: LatencyAsk): Ms =>
    ask.factor * (atReferenceMs.mean + promptMs(profile, ask) + thoughtMeanMs);
  return {
    profile,
    time: (random, ask) => {
      const readMs = ask.factor * (atReferenceMs.draw(random) + promptMs(profile, ask));
      const tokenMs = ask.factor * perTokenMs.draw(random);
      const jitterKey = random.integer(2 ** 32);
      const ttftMs = thoughtTokens === undefined ? readMs : readMs + tokenMs * thoughtTokens.draw(random);
      return layOut(profile, ask, ttftMs, tokenMs * tokensAfterFirstEvent(profile, ask), jitterKey);
    },
    meanTtftMs,
    meanTotalMs: (ask) => meanTtftMs(ask) + ask.factor * perTokenMs.mean * tokensAfterFirstEvent(profile, ask),
  };
}

/**
 * Slowdown when a share of the account's token limit per minute is in use: 1 + slowdownAtLimit · share².
 *
 * Assumed: no public curve of a shared service's latency against one customer's own load was found. Provisioned capacity hardly
 * slows up to its limit, where it refuses instead (pablosalvador10/gbbai-azure-openai-benchmark, 2024-05), hence 0 there.
 */
export function loadFactor(profile: LatencyProfile, utilization: number): number {
  return 1 + profile.slowdownAtLimit * utilization * utilization;
}

/**
 * Slowdown at a time of day in California: 1 + swing · (1 + cos(2π (t − 9 h) / 24 h)) / 2, so nothing at 21:00 and all of it at
 * 9:00, which is 16:00 UTC in summer.
 *
 * Assumed: that providers are slowest then (a run over 24 hours saw GPT-4's speed differ by up to 40 %, flyflow, 2024; a blog of
 * 2026 has midnight to 6:00 in the East 30 to 40 % faster; no hourly series was found), and the shape of a cosine. A swing of
 * 0.43 is 30 % fewer tokens per second at the busiest hour.
 */
export function dailyFactor(swing: number, timeOfDayMs: Ms): number {
  return 1 + (swing * (1 + cos((2 * Math.PI * (timeOfDayMs - busiestTimeMs)) / dayMs))) / 2;
}

const busiestTimeMs: Ms = 9 * hourMs;

function layOut(profile: LatencyProfile, ask: LatencyAsk, ttftMs: Ms, spanMs: Ms, jitterKey: number): DrawnAnswer {
  const { outputTokens, finish = "stop" } = ask;
  const chunks = Math.ceil(outputTokens / profile.tokensPerEvent);
  return new DrawnAnswer({ ttftMs, spanMs, chunks, sigma: profile.gapSigma, jitterKey, outputTokens, finish });
}

/** Floor and X above: TTFT at the reference prompt. */
function ttftDistribution(profile: LatencyProfile): Distribution {
  const { floorMs = 0 } = profile.ttft;
  const above = aboveFloor(profile);
  if (floorMs === 0) return above;
  return { mean: floorMs + above.mean, variance: above.variance, draw: (random) => floorMs + above.draw(random) };
}

function aboveFloor(profile: LatencyProfile): Distribution {
  const { body, tail } = profile.ttft;
  if (body.medianMs === 0) return distribution({ kind: "constant", value: 0 });
  const bodySpec = { kind: "lognormal", median: body.medianMs, sigma: body.sigma } as const;
  if (tail === undefined) return distribution(bodySpec);
  const tailSpec = { kind: "lognormal", median: body.medianMs * tail.multiple, sigma: tail.sigma } as const;
  return distribution({
    kind: "mixture",
    parts: [
      { weight: 1 - tail.weight, of: bodySpec },
      { weight: tail.weight, of: tailSpec },
    ],
  });
}

/** Milliseconds per output token. The inverse of a lognormal speed is lognormal with the inverse median and the same sigma. */
function perTokenDistribution(profile: LatencyProfile): Distribution {
  if (profile.speed === undefined) return distribution({ kind: "constant", value: 0 });
  const { medianTokensPerSecond, sigma } = profile.speed;
  return distribution({ kind: "lognormal", median: secondMs / medianTokensPerSecond, sigma });
}

function thoughtDistribution({ reasoning }: LatencyProfile): Distribution | undefined {
  if (reasoning === undefined) return undefined;
  return distribution({ kind: "lognormal", median: reasoning.medianTokens, sigma: reasoning.sigma });
}

function promptMs(profile: LatencyProfile, ask: LatencyAsk): Ms {
  const { referencePromptTokens, uncachedMsPer1k, cachedMsPer1k } = profile.ttft;
  const uncached = Math.max(0, ask.inputTokens - ask.cachedTokens - referencePromptTokens);
  return (uncached * uncachedMsPer1k + ask.cachedTokens * cachedMsPer1k) / 1_000;
}

function tokensAfterFirstEvent(profile: LatencyProfile, ask: LatencyAsk): number {
  return Math.max(0, ask.outputTokens - profile.tokensPerEvent);
}
