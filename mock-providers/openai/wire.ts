/** What all of OpenAI's endpoints that make a model work have in common. */
import type { Wire } from "../generation.ts";
import { type ApiError, bodyTooLarge, refusalError } from "./errors.ts";
import { configuredModel, countsExactly } from "./models.ts";
import { apiKeyOf, type Reply, replyTo } from "./reply.ts";

export const openAiWire: Wire<ApiError, Reply> = {
  apiKeyOf,
  replyTo,
  configuredModel,
  countsExactly,
  bodyTooLarge,
  refusalError,
};
