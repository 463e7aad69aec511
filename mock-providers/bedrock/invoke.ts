/** `POST /model/{modelId}/invoke` and `/invoke-with-response-stream`: the body is each family of models' own. */
import { assertNever } from "../../core/invariant.ts";
import type { Incoming } from "../dialect.ts";
import { handleGeneration, type Parsed } from "../generation.ts";
import type { PromptText } from "../request-identity.ts";
import { type ApiError, malformedInput, unknownModel, validationError } from "./errors.ts";
import { invokeClaude, parseClaudeRequest } from "./invoke-claude.ts";
import { invokeNova, parseNovaRequest } from "./invoke-nova.ts";
import { invokeTitan, parseTitanRequest } from "./invoke-titan.ts";
import { configuredModel, familyOf } from "./models.ts";

export function invoke(incoming: Incoming, model: string, stream: boolean): void {
  const family = familyOf(model);
  switch (family) {
    case "claude":
      handleGeneration(incoming, invokeClaude(model, stream));
      return;
    case "nova":
      handleGeneration(incoming, invokeNova(model, stream));
      return;
    case "titan-embeddings":
      handleGeneration(incoming, { ...invokeTitan(model), ...(stream ? { parse: notStreamed } : {}) });
      return;
    case "other":
      handleGeneration(incoming, { ...invokeNova(model, stream), parse: () => bodyOfOthers(incoming, model) });
      return;
    default:
      assertNever(family);
  }
}

/** A prompt in the body of an InvokeModel request. */
export function parseInvocation(body: string, model: string, incoming: Incoming): Parsed<PromptText, ApiError> {
  const family = familyOf(model);
  switch (family) {
    case "claude":
      return parseClaudeRequest(body, model, false);
    case "nova":
      return parseNovaRequest(body, model, false);
    case "titan-embeddings":
      return parseTitanRequest(body, model);
    case "other":
      return bodyOfOthers(incoming, model);
    default:
      return assertNever(family);
  }
}

/** Bodies of other families are not modelled; a configuration that serves such models can offer them by Converse. */
function bodyOfOthers({ mounted }: Incoming, model: string): Parsed<never, ApiError> {
  const served = mounted.models.has(configuredModel(model, mounted.models));
  return { ok: false, error: served ? malformedInput("this model is served by Converse only") : unknownModel };
}

/** Public error texts. */
function notStreamed(): Parsed<never, ApiError> {
  return { ok: false, error: validationError("The model is unsupported for streaming.") };
}
