/**
 * Draws how long one answer takes and lays out its events.
 *
 *     TTFT  = factor · (X + slope · max(0, uncached − reference) / 1000 + cached slope · cached / 1000)
 *     gap   = factor · 1000 / speed · (output tokens after the first event) / (events after the first)
 *
 * X is drawn from the profile's mixture of lognormals, speed from a lognormal, both once per request and independently (their
 * published correlation is between −0.22 and 0.25). The factor is the scale, times faults, times the slowdown under load.
 *
 * Event i is due at TTFT + gap · (i + σ cos 2πuᵢ), where uᵢ is a uniform number addressed by i, so that any event can be asked
 * for alone. cos 2πu has variance 1/2, two independent displacements make the variance of a gap σ²(1/2 + 1/2) · gap²: its
 * standard deviation is exactly σ gaps, and with σ <= 1/2 no event overtakes the next. The first and the last event stay in
 * place, so TTFT and total are known without any event (and the first and last gap vary less: σ / √2).
 */
import { distribution, type Distribution } from "../../core/distributions.ts";
import { invariant } from "../../core/invariant.ts";
import { type RandomStream, uniformAt } from "../../core/random.ts";
import { secondMs, type Ms } from "../../core/time.ts";
import type { LatencyProfile } from "./profile.ts";

export interface LatencyAsk {
  /** Prompt tokens, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Multiplies every time: scale, faults and load together. */
  readonly factor: number;
}

/** When each event of an answer is due, counted from admission. */
export interface Timing {
  readonly ttftMs: Ms;
  readonly chunks: number;
  readonly chunkAtMs: (index: number) => Ms;
  readonly totalMs: Ms;
}

export interface LatencyModel {
  readonly profile: LatencyProfile;
  /** Draws from `random` in a fixed order and number, whatever is asked. */
  readonly time: (random: RandomStream, ask: LatencyAsk) => Timing;
  /** Exact expectations, for checks that sample nothing. */
  readonly meanTtftMs: (ask: LatencyAsk) => Ms;
  readonly meanTotalMs: (ask: LatencyAsk) => Ms;
}

export function latencyModel(profile: LatencyProfile): LatencyModel {
  invariant(profile.gapSigma >= 0 && profile.gapSigma <= 0.5, `gapSigma must be 0..0.5, got ${profile.gapSigma}`);
  invariant(profile.tokensPerEvent >= 1, `tokensPerEvent must be at least 1, got ${profile.tokensPerEvent}`);
  const atReferenceMs = ttftDistribution(profile);
  const perTokenMs = perTokenDistribution(profile);
  return {
    profile,
    time: (random, ask) => {
      const ttftMs = ask.factor * (atReferenceMs.draw(random) + promptMs(profile, ask));
      const spanMs = ask.factor * perTokenMs.draw(random) * tokensAfterFirstEvent(profile, ask);
      return layOut(profile, ask, ttftMs, spanMs, random.integer(2 ** 32));
    },
    meanTtftMs: (ask) => ask.factor * (atReferenceMs.mean + promptMs(profile, ask)),
    meanTotalMs: (ask) =>
      ask.factor *
      (atReferenceMs.mean + promptMs(profile, ask) + perTokenMs.mean * tokensAfterFirstEvent(profile, ask)),
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

function layOut(profile: LatencyProfile, ask: LatencyAsk, ttftMs: Ms, spanMs: Ms, jitterKey: number): Timing {
  const chunks = Math.ceil(ask.outputTokens / profile.tokensPerEvent);
  const last = Math.max(0, chunks - 1);
  const gapMs = last === 0 ? 0 : spanMs / last;
  const displacedMs = profile.gapSigma * gapMs;
  const totalMs = ttftMs + spanMs;
  return {
    ttftMs,
    chunks,
    totalMs,
    chunkAtMs: (index) => {
      if (index <= 0) return ttftMs;
      if (index >= last) return totalMs;
      return ttftMs + index * gapMs + displacedMs * Math.cos(2 * Math.PI * uniformAt(jitterKey, index));
    },
  };
}

/** X above: TTFT at the reference prompt. */
function ttftDistribution(profile: LatencyProfile): Distribution {
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

function promptMs(profile: LatencyProfile, ask: LatencyAsk): Ms {
  const { referencePromptTokens, uncachedMsPer1k, cachedMsPer1k } = profile.ttft;
  const uncached = Math.max(0, ask.inputTokens - ask.cachedTokens - referencePromptTokens);
  return (uncached * uncachedMsPer1k + ask.cachedTokens * cachedMsPer1k) / 1_000;
}

function tokensAfterFirstEvent(profile: LatencyProfile, ask: LatencyAsk): number {
  return Math.max(0, ask.outputTokens - profile.tokensPerEvent);
}
