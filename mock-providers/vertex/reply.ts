/** Who calls Vertex AI: an access token of a service account, or in express mode an API key. */
import type { Incoming } from "../dialect.ts";
import type { Credential } from "./errors.ts";
import { targetOf } from "./paths.ts";

/** The key of a request and how it came; an empty key when it is none that this path takes. */
export function credentialOf(incoming: Incoming): { readonly credential: Credential; readonly apiKey: string } {
  const { authorization, "x-goog-api-key": key } = incoming.request.headers;
  if (authorization !== undefined && /^bearer /i.test(authorization)) {
    return { credential: "bearer", apiKey: authorization.slice("bearer ".length).trim() };
  }
  if (typeof key !== "string" || key === "") return { credential: "none", apiKey: "" };
  // Only express mode has API keys (cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode).
  return { credential: "api-key", apiKey: targetOf(incoming)?.parent === "" ? key : "" };
}
