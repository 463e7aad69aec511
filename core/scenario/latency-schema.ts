/**
 * The `latency` of a provider or a model: how fast it answers.
 *
 *     latency: openai-gpt-4o                                   a profile of Squall's
 *     latency: { profile: openai-gpt-4o, scale: 2 }            twice as slow
 *     latency: { profile: openai-gpt-4o, daily: 43% }          slower by up to 43 % at the busiest hour
 *     latency: { file: ./profiles/mine.yaml }                  one of the user's own, beside the scenario
 */
import * as z from "zod";
import { latencyProfileInWords, latencyProfileSchema } from "./latency-profile-schema.ts";
import type { LatencyChoice } from "./latency-spec.ts";
import type { ModelSpec } from "./provider-spec.ts";
import { factor, fields, notAllowed, share, text } from "./written.ts";

/** The part of a model that its latency decides. */
export type LatencyPart = Pick<ModelSpec, "latencyProfile" | "latencyScale" | "latency">;

const profileName = (): z.ZodType<string, string> =>
  text("the name of a latency profile", "Latency profile, such as openai-gpt-4o-mini.");

const choice = fields(
  {
    profile: z
      .union([profileName(), latencyProfileSchema], {
        error: (issue) => notAllowed(issue.input, "the name of a latency profile, or a profile"),
      })
      .meta({ description: "Latency profile: the name of one of Squall's, or a whole one." })
      .optional(),
    file: text("a path", "File of a latency profile, relative to this one, in place of its name.").optional(),
    scale: factor("Multiplies every time; 0 answers at once. Default: 1.", 0).optional(),
    "at-limit": share(
      "How much slower everything is when the token limit is used up. Default: as the profile says.",
    ).optional(),
    daily: share(
      "How much slower everything is at 9:00 in California, when providers are busiest, than at 21:00; `time-of-day` says when the run starts. Default: 0.",
    ).optional(),
  },
  "A latency profile, slower or faster.",
).meta({ oneOf: [{ required: ["profile"] }, { required: ["file"] }] });

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
  const { profile, file, scale = 1, "at-limit": slowdownAtLimit, daily: dailySwing } = written;
  if ((profile === undefined) === (file === undefined)) {
    return profile === undefined ? "has neither profile nor file; needed is one of them" : "has both profile and file";
  }
  const latency: LatencyChoice = {
    ...(typeof profile === "object" ? { profile } : {}),
    ...(file === undefined ? {} : { file }),
    ...(slowdownAtLimit === undefined ? {} : { slowdownAtLimit }),
    ...(dailySwing === undefined ? {} : { dailySwing }),
  };
  return {
    latencyProfile: file ?? (typeof profile === "object" ? profile.name : (profile ?? "")),
    latencyScale: scale,
    ...(Object.keys(latency).length === 0 ? {} : { latency }),
  };
}

/** The way back, with `daily` and `at-limit` as fractions and a profile of the user's own written out. */
export function latencyInWords(part: LatencyPart): string | Readonly<Record<string, unknown>> {
  const { latencyProfile, latencyScale, latency } = part;
  if (latency === undefined && latencyScale === 1) return latencyProfile;
  const { profile, slowdownAtLimit, dailySwing } = latency ?? {};
  return {
    profile: profile === undefined ? latencyProfile : latencyProfileInWords(profile),
    ...(latencyScale === 1 ? {} : { scale: latencyScale }),
    ...(slowdownAtLimit === undefined ? {} : { "at-limit": slowdownAtLimit }),
    ...(dailySwing === undefined ? {} : { daily: dailySwing }),
  };
}
