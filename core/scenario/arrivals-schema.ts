/**
 * Open-loop arrivals as people write them: stretches of time, each with the shape of its rate and how arrivals scatter around it.
 *
 *     { for: 5m, rate: 20/s }                                  steady
 *     { for: 2m, ramp: 20/s .. 200/s }                         evenly from the first to the second
 *     { for: 7d, daily: 5/s .. 50/s, peak: 14h, weekend: 40% } a wave a day
 *     { for: 30m, burst: 20/s .. 200/s, rise: 1m, half-life: 5m }   a mailing: up fast, down slowly
 *     { for: 5m, rate: 20/s, jitter: bursty, cv: 3 }           gamma: gaps vary three times as much as by chance
 *     { for: 5m, rate: 20/s, bursts: { on: 5s, off: 20s } }    on and off, with that rate on average
 */
import { cos, exp, ln } from "../elementary.ts";
import * as z from "zod";
import { dayMs, hourMs, minuteMs, type Ms } from "../time.ts";
import type { ArrivalSegment, OpenLoad } from "./traffic-spec.ts";
import { duration, factor, fields, listOf, notAllowed, oneOf, rate, rateRamp, share, someTime } from "./written.ts";

const shapes = ["rate", "ramp", "daily", "burst"] as const;

const stretch = fields(
  {
    for: someTime("How long this stretch lasts."),
    rate: rate("Requests per unit of time.").optional(),
    ramp: rateRamp("In place of rate: it changes evenly from the first to the second.").optional(),
    daily: rateRamp("In place of rate: a wave a day between the least and the most.").optional(),
    peak: duration("With daily: time of day of the most. Default: 14h.").optional(),
    starts: duration("With daily: time of day at which the stretch starts. Default: 0.").optional(),
    weekend: share(
      "With daily: rate of the sixth and seventh day of each week, of other days'. Default: 100%.",
    ).optional(),
    growth: share("With daily: so much more each day than the day before. Default: 0%.").optional(),
    burst: rateRamp("In place of rate: from the first up to the second, and slowly back.").optional(),
    rise: duration("With burst: how long it takes up. Default: 1m.").optional(),
    "half-life": someTime("With burst: then what it is above the first halves in this time. Default: 5m.").optional(),
    jitter: oneOf(
      ["poisson", "none", "bursty"],
      "How arrivals scatter around the rate: by chance (poisson), not at all (none), or more than by chance (bursty). Default: poisson.",
    ).optional(),
    cv: factor("With bursty: deviation of the gaps over their mean; 1 is chance. Default: 2.", 0.1).optional(),
    bursts: fields(
      {
        on: someTime("How long a burst lasts, on average."),
        off: someTime("How long it is quiet in between, on average."),
        low: share("Rate when quiet, of that in a burst. Default: 0%.").optional(),
      },
      "Bursts and quiet in turn, exponentially long; the rate is their average.",
    ).optional(),
  },
  "A stretch of time: the shape of its rate, and how arrivals scatter around it.",
);

type Stretch = z.output<typeof stretch>;

export const arrivalsSchema: z.ZodType<OpenLoad> = listOf(
  stretch
    .meta({ oneOf: shapes.map((shape) => ({ required: [shape] })) })
    .transform((written, context): readonly ArrivalSegment[] => {
      const problem = problemOf(written);
      if (problem === undefined) return segmentsOf(written);
      context.issues.push({ code: "custom", message: problem, input: written });
      return z.NEVER;
    }),
  "stretches such as { for: 5m, rate: 20/s }",
  "Open loop: requests arrive at a rate, whatever comes back.",
).transform((stretches): OpenLoad => ({ kind: "open", segments: stretches.flat() }));

/** Words that mean something only beside another. */
const companions: readonly (readonly [keyof Stretch, keyof Stretch])[] = [
  ["peak", "daily"],
  ["starts", "daily"],
  ["weekend", "daily"],
  ["growth", "daily"],
  ["rise", "burst"],
  ["half-life", "burst"],
];

function problemOf(written: Stretch): string | undefined {
  const given = shapes.filter((shape) => written[shape] !== undefined);
  if (given.length === 0) return "has neither rate nor ramp; needed is one of them, or daily or burst";
  if (given.length > 1) return `has both ${given.join(" and ")}; needed is one of them`;
  const stray = companions.find(([word, shape]) => written[word] !== undefined && written[shape] === undefined);
  if (stray !== undefined) return `has ${stray[0]}, which means nothing without ${stray[1]}`;
  if (written.cv !== undefined && written.jitter !== "bursty")
    return "has cv, which means nothing without jitter: bursty";
  if (written.daily !== undefined && written.for > daysMax * dayMs)
    return notAllowed("longer", `at most ${daysMax} days`);
  return undefined;
}

/** A year of quarter hours is 35,136 segments. */
const daysMax = 366;

function segmentsOf(written: Stretch): readonly ArrivalSegment[] {
  const { rate: steady, ramp, daily, burst } = written;
  const scatter = scatterOf(written);
  const piece = (forMs: Ms, fromPerMs: number, toPerMs: number): ArrivalSegment => {
    return { forMs, fromPerMs, toPerMs, ...scatter };
  };
  if (daily !== undefined) return piecewise(written.for, quarterMs, dailyRate(written, daily), piece);
  if (burst !== undefined) {
    const [low, high] = burst;
    const riseMs = Math.min(written.rise ?? minuteMs, written.for);
    const halfLifeMs = written["half-life"] ?? 5 * minuteMs;
    const up = riseMs === 0 ? [] : [piece(riseMs, low, high)];
    if (written.for <= riseMs) return up;
    const decay = (atMs: Ms): number => low + (high - low) * exp((-ln2 * atMs) / halfLifeMs);
    return [...up, ...piecewise(written.for - riseMs, halfLifeMs / 8, decay, piece)];
  }
  const [fromPerMs, toPerMs] = ramp ?? [steady ?? 0, steady ?? 0];
  return [piece(written.for, fromPerMs, toPerMs)];
}

const quarterMs: Ms = hourMs / 4;
const ln2 = 0.6931471805599453;

function scatterOf({ jitter, cv, bursts }: Stretch): Pick<ArrivalSegment, "process" | "cv" | "bursts"> {
  const process = jitter === "none" ? "constant" : jitter === "bursty" ? "gamma" : "poisson";
  return {
    process,
    ...(process === "gamma" ? { cv: cv ?? 2 } : {}),
    ...(bursts === undefined ? {} : { bursts: { onMs: bursts.on, offMs: bursts.off, low: bursts.low ?? 0 } }),
  };
}

/** A cosine between the least and the most, more each day, and less at the end of each week. */
function dailyRate(written: Stretch, [low, high]: readonly [number, number]): (atMs: Ms) => number {
  const { peak = 14 * hourMs, starts = 0, weekend = 1, growth = 0 } = written;
  return (atMs) => {
    const clockMs = starts + atMs;
    const day = Math.floor(clockMs / dayMs);
    const wave = (1 + cos((2 * Math.PI * (clockMs - peak)) / dayMs)) / 2;
    const ofDay = day % 7 >= 5 ? weekend : 1;
    return (low + (high - low) * wave) * ofDay * exp(ln(1 + growth) * day);
  };
}

/** Straight lines between points of a curve; where it jumps, as at midnight before a weekend, within one piece. */
function piecewise(
  forMs: Ms,
  eachMs: Ms,
  rateAt: (atMs: Ms) => number,
  piece: (forMs: Ms, fromPerMs: number, toPerMs: number) => ArrivalSegment,
): readonly ArrivalSegment[] {
  const pieces = Math.max(1, Math.ceil(forMs / eachMs));
  return Array.from({ length: pieces }, (_, index) => {
    const fromMs = index * eachMs;
    const toMs = Math.min(forMs, fromMs + eachMs);
    return piece(toMs - fromMs, rateAt(fromMs), rateAt(toMs));
  });
}
