/**
 * What clients do about a request that fails or takes long: the `retries` of `traffic.clients`, which a library makes by itself, and
 * `resend`, which people do by hand.
 *
 *     clients: { timeout: 60s, retries: 2 }
 *     clients: { retries: { max: 4, base: 1s, cap: 20s, jitter: full, honour: nothing } }
 *     clients: { resend: { share: 60%, patience: { median: 10s, p95: 30s }, pause: 3s, at-most: 5 } }
 */
import * as z from "zod";
import { secondMs } from "../time.ts";
import { distributionOf } from "./distribution-schema.ts";
import { jitterSchema } from "./resilience-schema.ts";
import type { ClientRetries, ResendSpec } from "./traffic-spec.ts";
import { count, duration, fields, notAllowed, oneOf, share, someTime } from "./written.ts";

/** What the SDKs of OpenAI and Anthropic wait: 0.5 s, doubling to 8 s, up to a quarter less by chance (openai-node and
 * anthropic-sdk-typescript, `client.ts`, `calculateDefaultRetryTimeoutMillis`). */
const sdkBackoff = { baseMs: secondMs / 2, capMs: 8 * secondMs, jitter: "sdk" } as const;

const retriesMax = 20;

export const clientRetriesSchema: z.ZodType<ClientRetries> = z
  .union(
    [
      count("Retries after the first try, as the SDKs of OpenAI and Anthropic do them.", 0, retriesMax).transform(
        (max): ClientRetries => ({ max, backoff: sdkBackoff, honourRetryAfter: true }),
      ),
      fields(
        {
          max: count("Retries after the first try.", 0, retriesMax),
          base: someTime("Wait before the first retry; it doubles. Default: 500ms.").optional(),
          cap: someTime("No wait is longer. Default: 8s.").optional(),
          jitter: jitterSchema.optional(),
          honour: oneOf(
            ["retry-after", "nothing"],
            "Whether it waits as long as an answer asks for. Default: retry-after.",
          ).optional(),
        },
        "Retries in detail.",
      ).transform((written): ClientRetries => ({
        max: written.max,
        backoff: {
          baseMs: written.base ?? sdkBackoff.baseMs,
          capMs: written.cap ?? sdkBackoff.capMs,
          jitter: written.jitter ?? sdkBackoff.jitter,
        },
        honourRetryAfter: written.honour !== "nothing",
      })),
    ],
    { error: (issue) => notAllowed(issue.input, "a number of retries, or a mapping with max") },
  )
  .meta({
    description:
      "What each client's SDK tries again by itself: 408, 409, 429, 5xx, failed connections and its own time limit. Default: nothing.",
  });

/** Our judgement: long enough to read that it failed and to press a key. */
const resendPauseMs = 2 * secondMs;

/** Our judgement; somebody who sends again every time would never stop while a provider is down. */
const resendsUsual = 5;

const lasting = { quantity: duration, min: 0, whole: false };

export const resendSchema: z.ZodType<ResendSpec> = fields(
  {
    share: share("Chance that somebody whose request failed, or took too long, sends it again; drawn anew each time."),
    patience: distributionOf(
      lasting,
      "How long those who would send it again wait for the answer to begin. Default: as long as the client does.",
    ).optional(),
    pause: distributionOf(lasting, "From a failure until it is sent again. Default: 2s.").optional(),
    "at-most": count("Times at most. Default: 5.", 1, retriesMax).optional(),
  },
  "People send a request again by hand that failed or took too long. Default: nobody.",
).transform((written): ResendSpec => ({
  share: written.share,
  ...(written.patience === undefined ? {} : { patience: written.patience }),
  pause: written.pause ?? { kind: "constant", value: resendPauseMs },
  max: written["at-most"] ?? resendsUsual,
}));
