/** What all of Anthropic's endpoints that make a model work have in common. */
import type { Wire } from "../generation.ts";
import { type ApiError, bodyTooLarge, refusalError } from "./errors.ts";
import { configuredModel } from "./models.ts";
import { credentialOf, type Reply, replyTo } from "./reply.ts";

export const anthropicWire: Wire<ApiError, Reply> = {
  apiKeyOf: (incoming) => credentialOf(incoming).apiKey,
  replyTo,
  configuredModel,
  bodyTooLarge: () => bodyTooLarge,
  refusalError: (refusal, who, toWallMs, incoming) => refusalError(refusal, who, credentialOf(incoming).kind, toWallMs),
};
