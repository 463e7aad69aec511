/** What all of Vertex AI's endpoints that make a model of Google's work have in common. */
import { bodyTooLarge, type GoogleError } from "../gemini/errors.ts";
import { type Reply, replyTo } from "../gemini/reply.ts";
import type { Wire } from "../generation.ts";
import { refusalError } from "./errors.ts";
import { configuredModel } from "./models.ts";
import type { Target } from "./paths.ts";
import { credentialOf } from "./reply.ts";

/** One request's, because errors name the resource in its path. */
export function wireFor(target: Target): Wire<GoogleError, Reply> {
  return {
    apiKeyOf: (incoming) => credentialOf(incoming).apiKey,
    replyTo,
    configuredModel,
    bodyTooLarge,
    refusalError: (refusal, _who, toWallMs, incoming) =>
      refusalError(refusal, credentialOf(incoming).credential, target, toWallMs),
  };
}
