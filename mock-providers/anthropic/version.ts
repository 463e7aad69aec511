/**
 * The `anthropic-version` header, which every request must carry (platform.claude.com/docs/en/api/versioning).
 *
 * SDKs before 1.0 and most other clients send 2023-06-01, later SDKs 2026-10-21. The latter takes no sampling parameters, no
 * documents in messages of the assistant and no citations in text of the user; answers are the same.
 */
import type { HttpRequest } from "../http-exchange.ts";
import { type ApiError, versionMissing, versionUnknown } from "./errors.ts";
import type { ReadingRules } from "./message-request.ts";

export type ApiVersion = "2023-06-01" | "2026-10-21";

export type RulesRead =
  | { readonly ok: true; readonly rules: ReadingRules }
  | { readonly ok: false; readonly error: ApiError };

/** How a request to an endpoint is read. `anthropic-beta` names betas, whose fields are let through. */
export function readingRules(request: HttpRequest, endpoint: ReadingRules["endpoint"]): RulesRead {
  const { "anthropic-version": version, "anthropic-beta": beta } = request.headers;
  if (version === undefined || version === "") return { ok: false, error: versionMissing };
  if (version !== "2023-06-01" && version !== "2026-10-21")
    return { ok: false, error: versionUnknown(String(version)) };
  return { ok: true, rules: { version, endpoint, beta: beta !== undefined && beta !== "" } };
}
