/** What all of the Gemini API's endpoints that make a model work have in common. */
import type { Wire } from "../generation.ts";
import { bodyTooLarge, type GoogleError, refusalError } from "./errors.ts";
import { targetOf } from "./paths.ts";
import { apiKeyOf, type Reply, replyTo } from "./reply.ts";

export const geminiWire: Wire<GoogleError, Reply> = {
  apiKeyOf,
  replyTo,
  configuredModel: (asked) => asked,
  bodyTooLarge,
  refusalError: (refusal, who, toWallMs, incoming) => {
    const target = targetOf(incoming);
    const asked = { version: target?.version ?? "v1", method: target?.method ?? "" };
    return refusalError(
      refusal,
      { ...who, model: who.model === "" ? (target?.model ?? "") : who.model },
      asked,
      toWallMs,
    );
  },
};
