/** Planned requests for tests: everything that does not matter has a plain value. */
import type { PlannedRequest } from "../../behavior/workload.ts";

export function planned(fields: Partial<PlannedRequest> = {}): PlannedRequest {
  const key = fields.key ?? "a0";
  return {
    key,
    tenant: "default",
    session: key,
    turn: 0,
    model: "gpt-x",
    stream: true,
    inputTokens: 40,
    cachedTokens: 0,
    outputTokens: 3,
    maxOutputTokens: undefined,
    atMs: 0,
    thinkMs: 0,
    ...fields,
  };
}
