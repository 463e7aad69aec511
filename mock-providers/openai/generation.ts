/**
 * OpenAI's endpoints that make a model work: what they have in common. Others serve the same endpoints with keys, headers and
 * refusals of their own.
 */
import type { ProviderAsk } from "../../behavior/provider.ts";
import type { AnswerWriter } from "../answer.ts";
import type { Incoming } from "../dialect.ts";
import * as generation from "../generation.ts";
import type { ApiError } from "./errors.ts";
import type { Reply } from "./reply.ts";

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
  /** `pathModel`: named by the path, in place of what the body says; undefined where paths name none. */
  readonly parse: (body: string, pathModel?: string) => Parsed<Request>;
  readonly answer: (request: Request, ask: ProviderAsk, reply: Reply) => Pick<AnswerWriter, "whole" | "stream">;
}

export type Wire = generation.Wire<ApiError, Reply>;

/** `wire`: of who serves the endpoint. `pathModel`: as in `parse`. */
export function handleGeneration<Request extends GenerationRequest>(
  incoming: Incoming,
  { parse, answer }: Generation<Request>,
  wire: Wire,
  pathModel?: string,
): void {
  generation.handleGeneration(incoming, {
    wire,
    parse: (body) => parse(body, pathModel),
    // With several answers to one prompt, caps and lengths are meant per answer.
    compose: (request, { outputTokens, cachedTokens }) => ({
      maxOutputTokens: request.maxOutputTokens === undefined ? undefined : request.maxOutputTokens * request.choices,
      outputTokens: outputTokens * request.choices,
      cachedTokens,
      writer: (ask, reply) => answer(request, ask, reply),
    }),
  });
}
