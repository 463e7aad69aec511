/**
 * The contract of a dialect: one vendor's wire format over the shared behavior.
 *
 * A dialect is a folder and one line in `dialects.ts`. What is the same thing has the same name in every folder:
 *
 *     dialect.ts          which paths there are and who answers them
 *     wire.ts             what all endpoints that make a model work have in common: keys, models, refusals
 *     reply.ts            what all answers to one request have in common: headers, ids, the key it came with
 *     models.ts           which models there are, and what is published of them
 *     errors.ts           errors, and what a refusal of the behavior becomes
 *     headers.ts, ids.ts  of answers
 *     paths.ts            what a path asks for, where that is more than a table
 *     parameters.ts       checks of single fields, in the vendor's words
 *     prompt.ts, prompt-caching.ts, tools.ts, answer-content.ts
 *                         what the model reads, what of it is cached, what it may call, what it says
 *     ENDPOINT.ts         an endpoint, with its `…-request.ts`, `…-messages.ts` and `…-answer.ts`: reading, checking, writing
 *     count-tokens.ts, embeddings.ts
 *                         those that most vendors have
 *
 * The first five are in every folder (a test holds that). Of the others a dialect has those that differ from the one whose API it
 * serves: Azure from OpenAI's, Vertex AI from the Gemini API's. Anything beyond these is what only that vendor has.
 */
import type { Ms } from "../core/time.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import type { Mock, MockState, MountedProvider } from "./mock.ts";

/** A request on its way to a provider. */
export interface Incoming {
  readonly mock: Mock;
  readonly state: MockState;
  readonly mounted: MountedProvider;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Path below the provider's own, without the query: `/v1/chat/completions`. */
  readonly path: string;
  /** Scenario time of its arrival. */
  readonly arrivalMs: Ms;
  readonly arrivalWallMs: number;
}

export interface DialectServer {
  /** What follows a provider's path in the base URL that the vendor's SDK takes: `/v1`. */
  readonly basePath: string;
  readonly handle: (incoming: Incoming) => void;
  /** Whether a model of this name makes embeddings instead of text. */
  readonly isEmbeddingModel: (model: string) => boolean;
}

/** The largest request body that is read; the vendors' own limits lie around it (Anthropic documents 32 MB). */
export const bodyBytesMax: number = 32 * 1024 * 1024;
