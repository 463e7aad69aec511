/** Findings of a gateway that does nothing by itself, for tests to change. */
import type { ProbeAnswer, ProbeFindings } from "../../../cli/probe/findings.ts";

export function answer(changes: Partial<ProbeAnswer> = {}): ProbeAnswer {
  return {
    dialect: "openai",
    question: "500",
    stream: false,
    status: 500,
    outcome: "server-error",
    reason: "server_error",
    finishReason: "",
    done: false,
    errorTold: true,
    looksHealthy: false,
    retryAfterPassedOn: false,
    tookMs: 3_300,
    calls: 3,
    callStatuses: [500, 500, 500],
    waitsMs: [1_100, 2_000],
    cost: 0,
    usageTrue: 0,
    ...changes,
  };
}

export function findings(changes: Partial<ProbeFindings> = {}): ProbeFindings {
  return {
    format: 1,
    gateway: "portkey 1.15.2",
    probedAt: "2026-11-21T06:00:00.000Z",
    policy: { retries: 2, retryOn: [429, 500] },
    answers: [answer()],
    pauses: [{ status: 401, requests: 16, answeredWithoutCall: 14, longestMs: 5_079, statusMeanwhile: 429 }],
    habits: {
      headersPassedOn: [],
      fallsBack: true,
      fallsBackInStream: false,
      stopsUpstreamOfLeavingStream: false,
      stopsUpstreamOfLeavingWhole: false,
      drains: false,
    },
    profile: { failover: { backoffMs: 1_100, connectionStatus: 500 }, cancelsUpstream: false, cooldownMs: {} },
    ...changes,
  };
}
