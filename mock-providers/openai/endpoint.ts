/**
 * OpenAI's endpoints that make a model work, apart from the keys, headers and refusals of whoever serves them: OpenAI itself,
 * or Azure.
 */
import type { Incoming } from "../dialect.ts";
import type { Generation, GenerationRequest, Parsed } from "../generation.ts";
import type { ApiError } from "./errors.ts";
import type { Reply } from "./reply.ts";

export interface Endpoint<Request extends GenerationRequest> extends Pick<
  Generation<Request, ApiError, Reply>,
  "compose"
> {
  /** `pathModel`: named by the path, in place of what the body says; undefined where paths name none. */
  readonly parse: (body: string, incoming: Incoming, pathModel?: string) => Parsed<Request, ApiError>;
}
