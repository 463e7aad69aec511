/** What all of Bedrock's endpoints that make a model work have in common. */
import type { Wire } from "../generation.ts";
import { apiKeyOf, credentialProblem } from "./credentials.ts";
import { type ApiError, bodyTooLarge, refusalError } from "./errors.ts";
import { configuredModel, isProfiled } from "./models.ts";
import { type Reply, replyTo } from "./reply.ts";

export const bedrockWire: Wire<ApiError, Reply> = {
  apiKeyOf,
  replyTo,
  configuredModel,
  bodyTooLarge: () => bodyTooLarge,
  refusalError: (refusal, who, toWallMs, incoming) =>
    refusal.kind === "unknown-key"
      ? credentialProblem(incoming, incoming.mounted.accounts.has(who.apiKey))
      : refusalError(refusal, who, isProfiled(who.model, incoming.mounted.models), toWallMs),
};
