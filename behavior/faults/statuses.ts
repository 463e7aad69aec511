/**
 * Which status a provider has for what went wrong.
 *
 * Overload: 529 `overloaded_error` at Anthropic (platform.claude.com/docs/en/api/errors), and from Claude on Vertex AI. 503
 * elsewhere: OpenAI's error-code guide ("The engine is currently overloaded"), Bedrock's ServiceUnavailableException, Gemini's
 * UNAVAILABLE ("The model is overloaded"; ai.google.dev/gemini-api/docs/troubleshooting).
 *
 * A failing model: 424 ModelErrorException at Bedrock, which becomes modelStreamErrorException in a stream
 * (@aws-sdk/client-bedrock-runtime 3.1162.0); others do not tell it from a failure of their own.
 */
import { assertNever } from "../../core/invariant.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import type { ErrorStatus } from "./effect.ts";

/**
 * Whether a prompt that a content filter turns away is answered with an error: at OpenAI and Azure (their error bodies quoted in public
 * issues). Others answer with nothing and say why: Gemini in `promptFeedback` (@google/genai 3.1.0, BlockedReason), Claude and Bedrock in
 * the reason why they stopped.
 */
export function refusesBlockedPrompts(dialect: Dialect): boolean {
  return dialect === "openai" || dialect === "azure-openai";
}

export function statusOf(status: ErrorStatus, dialect: Dialect, model: string): number {
  if (typeof status === "number") return status;
  switch (status) {
    case "overloaded":
      return dialect === "anthropic" || (dialect === "vertex" && model.startsWith("claude")) ? 529 : 503;
    case "model-failed":
      return dialect === "bedrock" ? 424 : 500;
    default:
      return assertNever(status);
  }
}
