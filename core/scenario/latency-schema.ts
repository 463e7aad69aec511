/**
 * The `latency` of a provider or a model: how fast it answers.
 *
 *     latency: openai-gpt-4o                                   a profile of Squall's
 *     latency: { profile: openai-gpt-4o, scale: 2 }            twice as slow
 *     latency: { profile: openai-gpt-4o, daily: 43% }          slower by up to 43 % at the busiest hour
 *     latency: { file: ./profiles/mine.yaml }                  one of the user's own, beside the scenario
 *     latency: { self-hosted: vllm-llama-3.1-8b-h100 }         an engine with continuous batching on one's own GPUs
 *     latency: { self-hosted: { engine: vllm-llama-3.1-8b-h100, kv-tokens: 200k } }
 */
import * as z from "zod";
import { latencyProfileInWords, latencyProfileSchema } from "./latency-profile-schema.ts";
import type { EngineChoice, LatencyChoice, StepCost } from "./latency-spec.ts";
import type { ModelSpec } from "./provider-spec.ts";
import { count, duration, factor, fields, notAllowed, share, text, yesOrNo } from "./written.ts";

/** The part of a model that its latency decides. */
export type LatencyPart = Pick<ModelSpec, "latencyProfile" | "latencyScale" | "latency">;

const profileName = (): z.ZodType<string, string> =>
  text("the name of a latency profile", "Latency profile, such as openai-gpt-4o-mini.");

const step = fields(
  {
    decode: duration("A step that decodes, before what follows."),
    "per-sequence": duration("For each sequence that decodes."),
    "per-kv-token": duration("For each token in the KV memory of those; 26.5ns is 2.65e-5 ms."),
    prefill: duration("A step that reads prompts, before what follows."),
    "per-prompt-token": duration("For each prompt token that is read."),
    "per-prompt-token-squared": duration("For each pair of them. Default: 0.").optional(),
  },
  "What a step of the engine takes. Default: as the engine's measured kernels say.",
).transform((written) => ({
  decodeMs: written.decode,
  perSequenceMs: written["per-sequence"],
  perKvTokenMs: written["per-kv-token"],
  prefillMs: written.prefill,
  perPromptTokenMs: written["per-prompt-token"],
  perPromptTokenSquaredMs: written["per-prompt-token-squared"] ?? 0,
}));

const engineName = (): z.ZodType<string, string> =>
  text("the name of an engine", "Engine that it is like, such as vllm-llama-3.1-8b-h100.");

const engine = fields(
  {
    engine: engineName(),
    "batch-tokens": count("Tokens of a step, prompts and answers together.", 1, 1e6).optional(),
    sequences: count("Calls that run at the same time.", 1, 100_000).optional(),
    "kv-tokens": count("Tokens that the KV memory holds.", 16).optional(),
    waiting: count("Calls that wait for a place; more are refused with 503.", 0, 1_000_000).optional(),
    "prefix-cache": yesOrNo("Whether prompts are kept for those that begin alike. Default: true.").optional(),
    step: step.optional(),
  },
  "An engine, and what is different about yours.",
)
  .refine((written) => (written.sequences ?? 0) <= (written["batch-tokens"] ?? Number.POSITIVE_INFINITY), {
    error: () => "has more sequences than batch-tokens; each takes one of them",
  })
  .transform((written): EngineChoice => {
    const { sequences, waiting, "batch-tokens": batch, "kv-tokens": kv, "prefix-cache": prefixCache } = written;
    // A smaller step has room for no more sequences than tokens.
    const fitting = sequences ?? (batch === undefined || batch >= 256 ? undefined : batch);
    return {
      name: written.engine,
      changes: {
        ...(batch === undefined ? {} : { batchTokensMax: batch }),
        ...(fitting === undefined ? {} : { sequencesMax: fitting }),
        ...(kv === undefined ? {} : { kvTokens: kv }),
        ...(waiting === undefined ? {} : { waitingMax: waiting }),
        ...(prefixCache === undefined ? {} : { prefixCache }),
        ...(written.step === undefined ? {} : { step: written.step }),
      },
    };
  });

const selfHosted = z
  .union([engineName().transform((name): EngineChoice => ({ name, changes: {} })), engine], {
    error: (issue) => notAllowed(issue.input, "the name of an engine, or { engine, ... }"),
  })
  .meta({ description: "An engine with continuous batching on GPUs of one's own, in place of a profile." });

const choice = fields(
  {
    profile: z
      .union([profileName(), latencyProfileSchema], {
        error: (issue) => notAllowed(issue.input, "the name of a latency profile, or a profile"),
      })
      .meta({ description: "Latency profile: the name of one of Squall's, or a whole one." })
      .optional(),
    file: text("a path", "File of a latency profile, relative to this one, in place of its name.").optional(),
    "self-hosted": selfHosted.optional(),
    scale: factor("Multiplies every time; 0 answers at once. Default: 1.", 0).optional(),
    "at-limit": share(
      "How much slower everything is when the token limit is used up. Default: as the profile says.",
    ).optional(),
    daily: share(
      "How much slower everything is at 9:00 in California, when providers are busiest, than at 21:00; `time-of-day` says when the run starts. Default: 0.",
    ).optional(),
  },
  "A latency profile, slower or faster.",
).meta({ oneOf: [{ required: ["profile"] }, { required: ["file"] }, { required: ["self-hosted"] }] });

type Written = z.output<typeof choice>;

/** A name, or a mapping with one of `profile` and `file`. */
export const latencySchema: z.ZodType<LatencyPart> = z
  .union(
    [
      profileName().transform((latencyProfile): LatencyPart => ({ latencyProfile, latencyScale: 1 })),
      choice.transform((written, context): LatencyPart => {
        const part = partOf(written);
        if (typeof part !== "string") return part;
        context.issues.push({ code: "custom", message: part, input: written });
        return z.NEVER;
      }),
    ],
    { error: (issue) => notAllowed(issue.input, "a latency profile, or { profile, scale }") },
  )
  .meta({ description: "How fast it answers: a latency profile, or { profile, scale }." });

/** The complete choice, or what is wrong with it. */
function partOf(written: Written): LatencyPart | string {
  const { profile, file, "self-hosted": own, scale = 1, "at-limit": slowdownAtLimit, daily: dailySwing } = written;
  const given = (["profile", "file", "self-hosted"] as const).filter((key) => written[key] !== undefined);
  if (given.length !== 1) {
    const what = given.length === 0 ? "no profile, file or self-hosted" : given.join(" and ");
    return `has ${what}; needed is exactly one of profile, file and self-hosted`;
  }
  if (own !== undefined && (slowdownAtLimit !== undefined || dailySwing !== undefined)) {
    return "has self-hosted with at-limit or daily; an engine slows down by itself, with its load";
  }
  const latency: LatencyChoice = {
    ...(typeof profile === "object" ? { profile } : {}),
    ...(file === undefined ? {} : { file }),
    ...(own === undefined ? {} : { engine: own }),
    ...(slowdownAtLimit === undefined ? {} : { slowdownAtLimit }),
    ...(dailySwing === undefined ? {} : { dailySwing }),
  };
  return {
    latencyProfile: own?.name ?? file ?? (typeof profile === "object" ? profile.name : (profile ?? "")),
    latencyScale: scale,
    ...(Object.keys(latency).length === 0 ? {} : { latency }),
  };
}

/** The way back, with `daily` and `at-limit` as fractions and a profile of the user's own written out. */
export function latencyInWords(part: LatencyPart): string | Readonly<Record<string, unknown>> {
  const { latencyProfile, latencyScale, latency } = part;
  if (latency === undefined && latencyScale === 1) return latencyProfile;
  const { profile, engine: own, slowdownAtLimit, dailySwing } = latency ?? {};
  const what =
    own === undefined
      ? { profile: profile === undefined ? latencyProfile : latencyProfileInWords(profile) }
      : { "self-hosted": engineInWords(own) };
  return {
    ...what,
    ...(latencyScale === 1 ? {} : { scale: latencyScale }),
    ...(slowdownAtLimit === undefined ? {} : { "at-limit": slowdownAtLimit }),
    ...(dailySwing === undefined ? {} : { daily: dailySwing }),
  };
}

function engineInWords({ name, changes }: EngineChoice): Readonly<Record<string, unknown>> {
  const words = {
    engine: name,
    "batch-tokens": changes.batchTokensMax,
    sequences: changes.sequencesMax,
    "kv-tokens": changes.kvTokens,
    waiting: changes.waitingMax,
    "prefix-cache": changes.prefixCache,
    step: changes.step === undefined ? undefined : stepInWords(changes.step),
  };
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
}

/** In nanoseconds, and without an exponent, which no duration has. */
function stepInWords(cost: StepCost): Readonly<Record<string, string>> {
  const nanoseconds = (ms: number): string => `${(ms * 1e6).toFixed(6)}ns`;
  return {
    decode: nanoseconds(cost.decodeMs),
    "per-sequence": nanoseconds(cost.perSequenceMs),
    "per-kv-token": nanoseconds(cost.perKvTokenMs),
    prefill: nanoseconds(cost.prefillMs),
    "per-prompt-token": nanoseconds(cost.perPromptTokenMs),
    "per-prompt-token-squared": nanoseconds(cost.perPromptTokenSquaredMs),
  };
}
