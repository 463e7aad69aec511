/** A record for tests that state only what they are about. */
import type { RequestRecord } from "../core/record.ts";

/** A streamed request of the load phase that was answered at once, used no token and cost nothing. */
export function plainRecord(facts: Partial<RequestRecord> = {}): RequestRecord {
  return {
    key: "r0",
    phase: "load",
    tenant: "default",
    model: "gpt-4o-mini",
    provider: "openai",
    stream: true,
    intendedMs: 0,
    sentMs: 0,
    firstTokenMs: null,
    endMs: 0,
    status: 200,
    outcome: "ok",
    reason: "",
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    chunks: 0,
    gapMaxMs: 0,
    upstreamCalls: 1,
    cost: 0,
    wastedTokens: 0,
    ...facts,
  };
}
