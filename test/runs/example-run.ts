/** Runs for tests: any records fast-check can think of, and one plain run. */
import fc from "fast-check";
import { outcomes, type RequestRecord } from "../../core/record.ts";
import { runFormatVersion, type RunEvent, type RunManifest } from "../../core/run.ts";
import type { RunRest } from "../../runs/writer.ts";
import { plainRecord } from "../made-record.ts";

export function exampleRecord(index = 0): RequestRecord {
  return plainRecord({
    key: `u${index}.s0.t0`,
    intendedMs: index * 10,
    sentMs: index * 10 + 0.25,
    firstTokenMs: index * 10 + 420.125,
    endMs: index * 10 + 1_900.5,
    inputTokens: 300,
    outputTokens: 120,
    chunks: 120,
    gapMaxMs: 31.5,
    cost: 117_000,
  });
}

export const exampleEvent: RunEvent = { atMs: 30_000, kind: "fault", subject: "openai", text: "outage begins" };

export const exampleRest: RunRest = {
  manifest: {
    formatVersion: runFormatVersion,
    kind: "live",
    scenario: "ten-users",
    scenarioText: "name: ten-users\n",
    seed: 7,
    squallVersion: "0.1.0",
    engine: "native",
    gateway: "portkey 1.15.2",
    timeScale: 1,
    startedAt: "2026-11-21T02:00:00.000Z",
    durationMs: 60_000,
    status: "complete",
    phases: [{ name: "load", startMs: 0, endMs: 60_000, users: 10 }],
    providers: [],
    prices: "genai-prices 2026-11-02",
    profiles: [],
  } satisfies RunManifest,
  timeline: { widthMs: 500, bins: [] },
  findings: [
    { analyzer: "objectives", id: "ttft.p95", title: "TTFT p95", judgement: "pass", measured: 612.25, unit: "ms" },
  ],
  reportHtml: "<!doctype html><title>ten-users</title>",
};

/** Records as a run may hold them: milliseconds already at the three decimals that the folder keeps. */
export function records(): fc.Arbitrary<RequestRecord> {
  const ms = fc.integer({ min: 0, max: 10 ** 10 }).map((micros) => micros / 1_000);
  const count = fc.nat();
  return fc.record({
    key: fc.string({ unit: "grapheme" }),
    phase: fc.constantFrom("warmup", "baseline", "load"),
    tenant: fc.string({ unit: "grapheme" }),
    model: fc.string(),
    provider: fc.string(),
    stream: fc.boolean(),
    intendedMs: ms,
    sentMs: ms,
    firstTokenMs: fc.option(ms),
    endMs: ms,
    status: fc.nat({ max: 599 }),
    outcome: fc.constantFrom(...outcomes),
    reason: fc.string(),
    inputTokens: count,
    cachedTokens: count,
    outputTokens: count,
    chunks: count,
    gapMaxMs: ms,
    upstreamCalls: count,
    cost: fc.maxSafeNat(),
    wastedTokens: count,
  });
}
