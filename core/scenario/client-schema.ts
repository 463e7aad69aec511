/**
 * What a client's library does by itself: the `retries` of `traffic.clients`.
 *
 *     clients: { timeout: 60s, retries: 2 }
 *     clients: { retries: { max: 4, base: 1s, cap: 20s, jitter: full, honour: nothing } }
 */
import * as z from "zod";
import { secondMs } from "../time.ts";
import { jitterSchema } from "./resilience-schema.ts";
import type { ClientRetries } from "./traffic-spec.ts";
import { count, fields, notAllowed, oneOf, someTime } from "./written.ts";

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
