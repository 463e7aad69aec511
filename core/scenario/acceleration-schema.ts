/** How a limit on growth is written: `on` for the published figures, or figures of one's own. */
import * as z from "zod";
import { minuteMs } from "../time.ts";
import type { AccelerationSpec } from "./provider-spec.ts";
import { count, fields, notAllowed, share, someTime } from "./written.ts";

/** OpenAI's: more than 50 % in 15 minutes, from 1 million tokens per minute on (rate-limits page, read 2026-10-08). */
const published: AccelerationSpec = { growth: 0.5, withinMs: 15 * minuteMs, fromTokensPerMinute: 1_000_000 };

export const accelerationSchema: z.ZodType<AccelerationSpec> = z
  .union(
    [
      z.literal(["on", true]).transform(() => published),
      fields(
        {
          growth: share("How much faster it may get. Default: 50%.").optional(),
          within: someTime("In how long. Default: 15m.", minuteMs).optional(),
          from: count("Tokens per minute up to which any growth will do. Default: 1M.", 0).optional(),
        },
        "Growth that is too fast.",
      ).transform(({ growth, within, from }): AccelerationSpec => ({
        growth: growth ?? published.growth,
        withinMs: within ?? published.withinMs,
        fromTokensPerMinute: from ?? published.fromTokensPerMinute,
      })),
    ],
    { error: (issue) => notAllowed(issue.input, "on, or { growth: 50%, within: 15m, from: 1M }") },
  )
  .meta({
    description: "OpenAI, Azure OpenAI, Anthropic: refuse growth that is too fast, within the limits too. Default: no.",
  });
