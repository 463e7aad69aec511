/**
 * Latency profiles of hosted models, by name. Explicit: adding one is adding an entry.
 *
 * Compiled 2026-11 from published measurements; each entry says what its figures rest on, and which of them are assumed because
 * nothing was published. None is validated as a whole: they are good for comparing designs and do not predict a provider's
 * milliseconds. Measure your own region and account before you trust an absolute number. For all of them alike:
 * - `cachedMsPer1k` is 3 % of the uncached slope: a cached prefix must still be read, 2 to 5 % assumed.
 * - `gapSigma` 0.3 is assumed (no hosted gap distribution is published); 0.5 where a content filter buffers.
 * - One event carries one token where nothing else is known (gpt-4o-mini: 4.5 characters per event, cheenu.dev, 2026-03-29).
 * - `slowdownAtLimit` 0.15 is assumed for shared capacity and 0 for provisioned; see `loadFactor`.
 */
import { invalidInput } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";
import { engineSpec } from "./batching/engines.ts";
import { invariant } from "../../core/invariant.ts";
import type { EngineSpec, LatencyProfile } from "../../core/scenario/latency-spec.ts";
import type { ModelSpec } from "../../core/scenario/provider-spec.ts";

/** Answers at once: for tests of everything but latency. */
const instant: LatencyProfile = {
  name: "instant",
  title: "No latency at all",
  status: "exact",
  source: "by definition",
  ttft: {
    referencePromptTokens: 0,
    body: { medianMs: 0, sigma: 0 },
    tail: undefined,
    uncachedMsPer1k: 0,
    cachedMsPer1k: 0,
  },
  speed: undefined,
  tokensPerEvent: 1,
  gapSigma: 0,
  slowdownAtLimit: 0,
};

const modelstats = "modelstats.ai, about 2026-04, one probe per 5 min for 24 h from one US data centre";

const hostedProfiles: readonly LatencyProfile[] = [
  hosted({
    name: "openai-gpt-4o",
    title: "OpenAI API GPT-4o, standard tier",
    source: `TTFT: ${modelstats} (639 / 1144 / 4517 ms at p50 / p95 / p99); speed: Artificial Analysis, 2026-06-24, median only. Assumed: prompt slope (8 to 110), speed sigma`,
    body: [632, 0.3],
    tail: [0.03, 6],
    uncachedMsPer1k: 20,
    speed: [131, 0.25],
  }),
  hosted({
    name: "openai-gpt-4o-mini",
    title: "OpenAI API GPT-4o mini, standard tier",
    source: `TTFT: ${modelstats} (536 / 844 / 4461 ms), p50 within 30 % of jonathanwrede.de, 2026, 7 days; prompt slope: 0xmmo/forensics, 2026-05, single calls (36 to 108); speed: cheenu.dev, 2026-03-29 (others 54 and 105). Assumed: speed sigma`,
    body: [533, 0.25],
    tail: [0.02, 8],
    uncachedMsPer1k: 40,
    speed: [77, 0.25],
  }),
  hosted({
    name: "openai-gpt-4.1",
    title: "OpenAI API GPT-4.1, standard tier",
    source: `TTFT: ${modelstats} (726 / 1220 / 1946 ms). Assumed: prompt slope (8 to 60), speed (Azure's provisioned target, MicrosoftDocs/azure-ai-docs, 2026-03-20), speed sigma`,
    body: [723, 0.3],
    tail: [0.01, 6],
    uncachedMsPer1k: 20,
    speed: [80, 0.25],
  }),
  hosted({
    name: "openai-o3",
    title: "OpenAI API o3, which thinks before it answers",
    source:
      "TTFT and speed: Artificial Analysis, 2025-26 (22.99 s, of which 0.9 s is no thinking: GPT-5 at minimal effort; 108 tokens/s), so 2,390 hidden tokens; it dominates everything, and for a trivial prompt it is 800 to 1,400 ms in all (modelstats.ai, 2026). Assumed: scatter of both, prompt slope",
    body: [900, 0.3],
    tail: undefined,
    uncachedMsPer1k: 20,
    speed: [108, 0.25],
    reasoning: [2_390, 0.8],
  }),
  hosted({
    name: "anthropic-claude-haiku-4.5",
    title: "Anthropic API Claude Haiku 4.5",
    source: `TTFT: ${modelstats} (541 / 1591 / 4117 ms); prompt slope to 157k tokens and speed: 0xmmo/forensics, 2026-05, raw calls. Assumed: tokens per event`,
    body: [527, 0.4],
    tail: [0.05, 5],
    uncachedMsPer1k: 11.7,
    speed: [85, 0.1],
  }),
  hosted({
    name: "anthropic-claude-sonnet-4.6",
    title: "Anthropic API Claude Sonnet 4.6",
    source: `TTFT: ${modelstats} (941 / 2939 / 4787 ms). Assumed: prompt slope (8 to 40), speed (the middle of 44, 51, 72 and 104: Vercel AI Gateway, OpenRouter and Artificial Analysis, 2026), speed sigma, tokens per event`,
    body: [941, 0.69],
    tail: undefined,
    uncachedMsPer1k: 15,
    speed: [65, 0.3],
  }),
  hosted({
    name: "anthropic-claude-opus-4.6",
    title: "Anthropic API Claude Opus 4.6",
    source: `TTFT: ${modelstats} (1626 / 2420 / 3797 ms), p50 within 6 % of jonathanwrede.de, 2026, which also gives the speed (17 probes of 20 tokens). Assumed: prompt slope (8 to 40), speed sigma, tokens per event`,
    body: [1_621, 0.25],
    tail: [0.01, 6],
    uncachedMsPer1k: 20,
    speed: [70, 0.3],
  }),
  hosted({
    name: "google-gemini-2.5-flash",
    title: "Gemini API 2.5 Flash, thinking off",
    source: `TTFT: ${modelstats} (477 / 776 / 1309 ms), p50 within 16 % of jonathanwrede.de, 2026; prompt slope: 0xmmo/forensics, 2026-05, single calls (8.6 to 28); speed: Artificial Analysis, 2026-06-24, for Gemini 3 Flash. Assumed: speed sigma, 20 tokens per event (many are reported, stanfordnlp/dspy PR 8235)`,
    body: [475, 0.3],
    tail: [0.01, 6],
    uncachedMsPer1k: 10,
    speed: [200, 0.3],
    tokensPerEvent: 20,
  }),
  hosted({
    name: "azure-openai-standard",
    title: "Azure OpenAI standard (pay as you go), GPT-4o class, default content filter",
    source:
      "TTFT: OpenAI's times 1.95 (Artificial Analysis medians, Azure against OpenAI, 2024 and 2025); speed: Artificial Analysis, 2024, sigma from pablosalvador10/gbbai-azure-openai-benchmark, 2024-05. Assumed: tail, prompt slope, buffer of 20 tokens (buffering itself: MicrosoftDocs/azure-ai-docs, 2026-01-15)",
    body: [1_230, 0.35],
    tail: [0.03, 6],
    uncachedMsPer1k: 20,
    speed: [115, 0.45],
    tokensPerEvent: 20,
    gapSigma: 0.5,
  }),
  hosted({
    name: "azure-openai-provisioned",
    title: "Azure OpenAI provisioned throughput (PTU)",
    source:
      "TTFT, speed and the absence of a slowdown: pablosalvador10/gbbai-azure-openai-benchmark, 2024-05, GPT-4 Turbo, 8 runs (TTFT mean 0.54 to 0.64 s, p95 0.59 to 0.84 s). Assumed: prompt slope, buffer of 20 tokens",
    body: [580, 0.16],
    tail: undefined,
    uncachedMsPer1k: 20,
    speed: [38.5, 0.06],
    tokensPerEvent: 20,
    slowdownAtLimit: 0,
  }),
  hosted({
    name: "bedrock-claude-on-demand",
    title: "Amazon Bedrock on demand, small Claude class",
    source:
      "TTFT and speed: ssong1/llmperf-bedrock, 2023-24, Claude Instant v1 at 1,024 prompt tokens (1235 / 1891 / 2684 ms); p50 agrees with Haiku 4.5 through a proxy (krabarena, 2026, 5 prompts). Assumed: prompt slope (8 to 40), tokens per event",
    referencePromptTokens: 1_024,
    body: [1_235, 0.29],
    tail: undefined,
    uncachedMsPer1k: 12,
    speed: [73, 0.4],
  }),
];

export const latencyProfiles: Readonly<Record<string, LatencyProfile>> = Object.fromEntries(
  [instant, ...hostedProfiles].map((profile) => [profile.name, profile]),
);

/** Every name that a scenario may use, in the order of the table. */
export const latencyProfileNames: readonly string[] = Object.keys(latencyProfiles);

/** The named profile. Throws invalid input for a name that is not in the table. */
export function latencyProfile(name: string): LatencyProfile {
  const profile = Object.hasOwn(latencyProfiles, name) ? latencyProfiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw invalidInput(`no latency profile is called "${name}"; allowed are ${latencyProfileNames.join(", ")}`, {
    code: "unknown-latency-profile",
    hint: "docs/latency.md and `squall doctor` list them",
  });
}

/** The profile of a model, with what its scenario says otherwise. Throws as `latencyProfile` does. */
export function latencyProfileOf({ latencyProfile: name, latency }: ModelSpec): LatencyProfile {
  invariant(latency?.file === undefined, "a latency profile's file has been read before a model is made of it");
  if (latency?.engine !== undefined) return engineProfile(engineSpec(latency.engine.name));
  const profile = latency?.profile ?? latencyProfile(name);
  const slowdownAtLimit = latency?.slowdownAtLimit;
  return slowdownAtLimit === undefined ? profile : { ...profile, slowdownAtLimit };
}

/** What a report says of an engine. Its times are those of its steps and not of this profile. */
function engineProfile({ name, title, status, source }: EngineSpec): LatencyProfile {
  return { ...instant, name, title, status, source };
}

/** A hosted model's figures, and nothing that is the same for most. */
interface HostedFigures {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** 50, a short prompt, unless given. */
  readonly referencePromptTokens?: number;
  /** Median in milliseconds, sigma. */
  readonly body: readonly [medianMs: Ms, sigma: number];
  /** Share of calls, median as a multiple of the body's. Its sigma is 0.5 throughout. */
  readonly tail: readonly [weight: number, multiple: number] | undefined;
  readonly uncachedMsPer1k: Ms;
  /** Median, sigma. */
  readonly speed: readonly [medianTokensPerSecond: number, sigma: number];
  /** Hidden tokens before the answer: median, sigma. */
  readonly reasoning?: readonly [medianTokens: number, sigma: number];
  readonly tokensPerEvent?: number;
  readonly gapSigma?: number;
  readonly slowdownAtLimit?: number;
}

function hosted(figures: HostedFigures): LatencyProfile {
  const { body, tail, speed, uncachedMsPer1k, reasoning } = figures;
  return {
    name: figures.name,
    title: figures.title,
    status: "modelled",
    source: figures.source,
    ttft: {
      referencePromptTokens: figures.referencePromptTokens ?? 50,
      body: { medianMs: body[0], sigma: body[1] },
      tail: tail === undefined ? undefined : { weight: tail[0], multiple: tail[1], sigma: 0.5 },
      uncachedMsPer1k,
      cachedMsPer1k: 0.03 * uncachedMsPer1k,
    },
    speed: { medianTokensPerSecond: speed[0], sigma: speed[1] },
    ...(reasoning === undefined ? {} : { reasoning: { medianTokens: reasoning[0], sigma: reasoning[1] } }),
    tokensPerEvent: figures.tokensPerEvent ?? 1,
    gapSigma: figures.gapSigma ?? 0.3,
    slowdownAtLimit: figures.slowdownAtLimit ?? 0.15,
  };
}
