/**
 * A latency profile as a file: what `squall import` writes and a scenario takes as `latency: { file: ./mine.yaml }`.
 *
 *     latency-profile: my-gpt-4o
 *     status: fitted
 *     source: calls.csv, 1,204 calls
 *     ttft: { reference-tokens: 50, median: 512ms, sigma: 0.31, tail: { share: 3%, multiple: 6, sigma: 0.5 }, per-1k-tokens: 20ms }
 *     speed: { median: 77, sigma: 0.25 }
 */
import type * as z from "zod";
import { invalidInput } from "../errors.ts";
import type { Ms } from "../time.ts";
import { plural } from "../units.ts";
import type { LatencyProfile, ProfileStatus } from "./latency-spec.ts";
import { mistakesOf, problemOf } from "./problems.ts";
import { count, duration, factor, fields, oneOf, share, someTime, text } from "./written.ts";
import { readYaml } from "./yaml-document.ts";

const statuses: readonly [ProfileStatus, ...ProfileStatus[]] = ["fitted", "validated", "modelled", "assumed", "exact"];

const sigma = (of: string) => factor(`Standard deviation of the natural logarithm of ${of}.`, 0);

const tail = fields(
  {
    share: share("Its part of all calls."),
    multiple: factor("Its median, in medians of the others.", 1),
    sigma: sigma("their time"),
  },
  "A second, slow population of calls. Default: none.",
).transform((written) => ({ weight: written.share, multiple: written.multiple, sigma: written.sigma }));

const ttft = fields(
  {
    "reference-tokens": count("Uncached prompt tokens that the median holds for. Default: 0.", 0).optional(),
    floor: duration("No call is faster; the rest comes on top. Default: 0.").optional(),
    median: someTime("Half of all calls have their first token by then, at the reference prompt."),
    sigma: sigma("that time"),
    tail: tail.optional(),
    "per-1k-tokens": duration("Added per 1,000 uncached prompt tokens above the reference."),
    "per-1k-cached-tokens": duration(
      "Added per 1,000 tokens read from a cache. Default: 3% of the above, assumed.",
    ).optional(),
  },
  "Time to first token.",
);

const speed = fields(
  { median: factor("Output tokens per second after the first.", 0.001), sigma: sigma("the speed of a request") },
  "Speed of the answer, drawn once per request. Default: everything at once.",
);

const reasoning = fields(
  { median: count("Hidden tokens, half of all calls have fewer.", 1), sigma: sigma("their number") },
  "Tokens thought before the first one that is shown, at the speed of the answer. Default: none.",
);

const event = fields(
  {
    tokens: count("Output tokens per content event. Default: 1.", 1).optional(),
    "gap-sigma": factor("Standard deviation of a gap as a share of its mean, at most 0.5. Default: 0.3.", 0)
      .refine((given) => given <= 0.5, { error: () => "is above 0.5: events would overtake each other" })
      .optional(),
  },
  "The events of a stream.",
);

export const latencyProfileSchema: z.ZodType<LatencyProfile> = fields(
  {
    "latency-profile": text("a name", "Name of the profile.", /^[A-Za-z0-9][\w.-]{0,63}$/),
    title: text("words", "What it stands for.").optional(),
    status: oneOf(statuses, "How far to trust it. Default: assumed.").optional(),
    source: text("words", "Where the figures come from, with dates.").optional(),
    ttft,
    speed: speed.optional(),
    reasoning: reasoning.optional(),
    event: event.optional(),
    "at-limit": factor(
      "How much slower everything is when the token limit is used up: 0.15 is 15%. Default: 0.",
      0,
    ).optional(),
  },
  "A latency profile.",
).transform((written): LatencyProfile => {
  const { ttft: first, speed: answer, reasoning: thought } = written;
  const uncachedMsPer1k: Ms = first["per-1k-tokens"];
  return {
    name: written["latency-profile"],
    title: written.title ?? written["latency-profile"],
    status: written.status ?? "assumed",
    source: written.source ?? "not said",
    ttft: {
      referencePromptTokens: first["reference-tokens"] ?? 0,
      ...(first.floor === undefined ? {} : { floorMs: first.floor }),
      body: { medianMs: first.median, sigma: first.sigma },
      tail: first.tail,
      uncachedMsPer1k,
      cachedMsPer1k: first["per-1k-cached-tokens"] ?? cachedShare * uncachedMsPer1k,
    },
    speed: answer === undefined ? undefined : { medianTokensPerSecond: answer.median, sigma: answer.sigma },
    ...(thought === undefined ? {} : { reasoning: { medianTokens: thought.median, sigma: thought.sigma } }),
    tokensPerEvent: written.event?.tokens ?? 1,
    gapSigma: written.event?.["gap-sigma"] ?? gapSigmaAssumed,
    slowdownAtLimit: written["at-limit"] ?? 0,
  };
});

/** A cached prefix must still be read: 2 to 5 % of the work, assumed; no measurement was found. */
export const cachedShare = 0.03;

/** No hosted distribution of gaps is published. */
export const gapSigmaAssumed = 0.3;

/** Reads a profile's file. Throws `latency-profile-invalid` with every problem of it. */
export function parseLatencyProfile(written: string, name: string): LatencyProfile {
  const document = readYaml(written, name, "latency-profile-invalid");
  const read = latencyProfileSchema.safeParse(document.data, { reportInput: true });
  if (read.success) return read.data;
  const problems = mistakesOf(read.error.issues).map((mistake) => problemOf(mistake, document));
  throw invalidInput(`latency profile ${name} cannot be used: ${plural(problems.length, "problem")}`, {
    code: "latency-profile-invalid",
    problems,
  });
}

/** The way back: plain data that `latencyProfileSchema` reads. */
export function latencyProfileInWords(profile: LatencyProfile): Readonly<Record<string, unknown>> {
  const { ttft: first, speed: answer, reasoning: thought } = profile;
  return {
    "latency-profile": profile.name,
    title: profile.title,
    status: profile.status,
    source: profile.source,
    ttft: {
      "reference-tokens": first.referencePromptTokens,
      ...(first.floorMs === undefined ? {} : { floor: inMs(first.floorMs) }),
      median: inMs(first.body.medianMs),
      sigma: first.body.sigma,
      ...(first.tail === undefined
        ? {}
        : { tail: { share: first.tail.weight, multiple: first.tail.multiple, sigma: first.tail.sigma } }),
      "per-1k-tokens": inMs(first.uncachedMsPer1k),
      "per-1k-cached-tokens": inMs(first.cachedMsPer1k),
    },
    ...(answer === undefined ? {} : { speed: { median: answer.medianTokensPerSecond, sigma: answer.sigma } }),
    ...(thought === undefined ? {} : { reasoning: { median: thought.medianTokens, sigma: thought.sigma } }),
    event: { tokens: profile.tokensPerEvent, "gap-sigma": profile.gapSigma },
    "at-limit": profile.slowdownAtLimit,
  };
}

/** To the microsecond, and without an exponent, which no duration has. */
function inMs(ms: Ms): string {
  return `${Number(ms.toFixed(3))}ms`;
}
