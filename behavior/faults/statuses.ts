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
