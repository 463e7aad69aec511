/**
 * What delays do to scaling: a policy that adds a replica at every question while anybody waits goes on adding until the
 * replicas it has wished for serve and it has seen that they do. So every delay between the wish and the sight of its effect
 * (start-up, lag, scrape interval) is overshoot: about the delay over the interval of its questions, and what is too many is
 * taken back, which is a reversal.
 */
import { describe, expect, it } from "vitest";
import { readingTotal, type ScalingPolicy } from "../../behavior/scaling/policy.ts";
import type { FleetSpec } from "../../core/scenario/platform-spec.ts";
import { gatewayOf, openPhase, play, scriptedProvider } from "./scripted-platform.ts";
import { everyMs, fleetOf } from "./scripted-scaling.ts";

const syncMs = 5_000;

/** One more while anybody waits, one less while a third of all places are free. */
function greedyPolicy(): ScalingPolicy {
  return {
    describe: "greedy",
    syncMs,
    decide: ({ metrics, replicas }) => {
      const waiting = readingTotal(metrics.get("queue_depth")) ?? 0;
      const used = readingTotal(metrics.get("concurrency")) ?? replicas;
      const change = waiting > 0 ? 1 : used < (replicas * 2) / 3 ? -1 : 0;
      return { replicas: Math.max(1, replicas + change), reason: "greedy" };
    },
  };
}

interface Delays {
  readonly startupMs?: number;
  readonly lagMs?: number;
  readonly scrapeMs?: number;
}

/** Ten requests a second, each holding one of a replica's places for a second: ten places are needed, two a replica. */
function peak({ startupMs = 10_000, lagMs = 0, scrapeMs = 5_000 }: Delays): number {
  const fleet: Partial<FleetSpec> = {
    startup: { kind: "constant", value: startupMs },
    readinessMs: 0,
    concurrency: 2,
    metrics: { scrapeMs, windowMs: 15_000, lagMs },
  };
  const providers = [scriptedProvider("p", [{ kind: "answer", chunksAtMs: [1_000] }])];
  const told = play([openPhase(everyMs(100, 300_000))], providers, gatewayOf(), {
    platform: { fleet: fleetOf(fleet) },
    scaling: greedyPolicy(),
  });
  return Math.max(...(told.replicas?.counts ?? []).map(({ wished }) => wished));
}

describe("overshoot", () => {
  const usual = peak({});

  it.each([
    ["start-up", { startupMs: 20_000 }, 10_000],
    ["lag", { lagMs: 10_000 }, 10_000],
    ["scrape interval", { scrapeMs: 15_000 }, 10_000],
  ] as const)(
    "grows with the %s: by what is added over the interval of questions, and what that drains later",
    (_, delays, addedMs) => {
      const more = peak(delays) - usual;
      expect(more).toBeGreaterThanOrEqual(addedMs / syncMs);
      expect(more).toBeLessThanOrEqual((2 * addedMs) / syncMs);
    },
  );

  it("is less without any start-up", () => {
    expect(peak({ startupMs: 0 })).toBeLessThan(usual);
  });
});
