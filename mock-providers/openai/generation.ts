/** OpenAI's endpoints that make a model work: what they have in common. */
import type { ProviderAsk } from "../../behavior/provider.ts";
import type { AnswerWriter } from "../answer.ts";
import type { Incoming } from "../dialect.ts";
import * as generation from "../generation.ts";
import { type ApiError, bodyTooLarge, refusalError } from "./errors.ts";
import { configuredModel } from "./models.ts";
import { apiKeyOf, type Reply, replyTo } from "./reply.ts";

/** What the provider has to know of a request. */
export interface GenerationRequest extends generation.GenerationRequest {
  /** Per answer; undefined when not sent. */
  readonly maxOutputTokens: number | undefined;
  /** How many answers of the usual length it asks for; 0 when it asks for no text. */
  readonly choices: number;
}

export type Parsed<Request> = generation.Parsed<Request, ApiError>;

/** One endpoint. */
export interface Generation<Request extends GenerationRequest> {
  readonly parse: (body: string) => Parsed<Request>;
  readonly answer: (request: Request, ask: ProviderAsk, reply: Reply) => Pick<AnswerWriter, "whole" | "stream">;
}

const wire: generation.Wire<ApiError, Reply> = { apiKeyOf, replyTo, configuredModel, bodyTooLarge, refusalError };

export function handleGeneration<Request extends GenerationRequest>(
  incoming: Incoming,
  { parse, answer }: Generation<Request>,
): void {
  generation.handleGeneration(incoming, {
    wire,
    parse,
    // With several answers to one prompt, caps and lengths are meant per answer.
    compose: (request, { outputTokens, cachedTokens }) => ({
      maxOutputTokens: request.maxOutputTokens === undefined ? undefined : request.maxOutputTokens * request.choices,
      outputTokens: outputTokens * request.choices,
      cachedTokens,
      writer: (ask, reply) => answer(request, ask, reply),
    }),
  });
}
