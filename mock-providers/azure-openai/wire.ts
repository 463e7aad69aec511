/** What all of Azure's endpoints that make a model work have in common. */
import type { Wire } from "../generation.ts";
import { type ApiError, bodyTooLarge } from "../openai/errors.ts";
import { countsExactly } from "../openai/models.ts";
import type { Reply } from "../openai/reply.ts";
import { type CalledOperation, refusalError } from "./errors.ts";
import { apiKeyOf, replyTo } from "./reply.ts";

/** One operation's, because errors name it. */
export function wireFor(operation: CalledOperation): Wire<ApiError, Reply> {
  return {
    apiKeyOf,
    replyTo,
    // A deployment answers to its own name only.
    configuredModel: (asked) => asked,
    countsExactly,
    bodyTooLarge,
    refusalError: (refusal, who, toWallMs) => refusalError(operation, refusal, who, toWallMs),
  };
}
