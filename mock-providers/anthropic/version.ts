/**
 * The `anthropic-version` header, which every request must carry (platform.claude.com/docs/en/api/versioning).
 *
 * SDKs before 1.0 and most other clients send 2023-06-01, later SDKs 2026-10-21. The latter takes no sampling parameters, no
 * documents in messages of the assistant and no citations in text of the user; answers are the same.
 */
import type { IncomingMessage } from "node:http";
import { type ApiError, versionMissing, versionUnknown } from "./errors.ts";

export type ApiVersion = "2023-06-01" | "2026-10-21";

export type VersionRead =
  | { readonly ok: true; readonly version: ApiVersion }
  | { readonly ok: false; readonly error: ApiError };

export function versionOf(request: IncomingMessage): VersionRead {
  const { "anthropic-version": version } = request.headers;
  if (version === undefined || version === "") return { ok: false, error: versionMissing };
  if (version === "2023-06-01" || version === "2026-10-21") return { ok: true, version };
  return { ok: false, error: versionUnknown(String(version)) };
}
