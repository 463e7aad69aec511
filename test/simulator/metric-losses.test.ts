/** Samples that never arrive, and scrapes that fail: a scaling policy sees less, and the run counts what it missed. */
import { describe, expect, it } from "vitest";
import type { PlatformAction } from "../../core/scenario/event-spec.ts";
import type { MetricPipelineSpec } from "../../core/scenario/platform-spec.ts";
import { Regions } from "../../simulator/geography.ts";
import { answerAt10, gatewayOf, openPhase, play, scriptedProvider } from "./scripted-platform.ts";
import { everyMs, fleetOf, type ScriptedPolicy, scriptedPolicy } from "./scripted-scaling.ts";

/** Four replicas, sampled every 10 s for ten minutes: 60 scrapes, 240 samples. */
function tell(
  losses: Partial<MetricPipelineSpec>,
  action?: PlatformAction,
): {
  readonly policy: ScriptedPolicy;
  readonly tally: { readonly scrapesFailed: number; readonly samplesMissing: number } | undefined;
} {
  const policy = scriptedPolicy(10_000, []);
  const told = play([openPhase(everyMs(1_000, 600_000))], [scriptedProvider("p", [answerAt10])], gatewayOf(), {
    scenario: {
      seed: 7,
      platform: {
        gateway: "scripted",
        replicas: 4,
        routes: [{ model: "m", providers: ["p"] }],
        retries: { max: 0, on: [] },
        fleet: fleetOf({ metrics: { scrapeMs: 10_000, windowMs: 30_000, lagMs: 0, ...losses } }),
      },
      timeline: [],
      ...(action === undefined ? {} : { events: [{ atMs: 300_000, forMs: 100_000, action }] }),
    },
    scaling: policy,
  });
  return { policy, tally: told.replicas?.tally };
}

describe("lost metrics", () => {
  it("are none unless a scenario says so", () => {
    expect(tell({}).tally).toBeUndefined();
  });

  it("of single replicas are about as many as it says, and those replicas are missing for the policy", () => {
    const { policy, tally } = tell({ missingShare: 0.25 });
    // Of 240, 60 with a standard deviation of 6.7.
    expect(Math.abs((tally?.samplesMissing ?? 0) - 60)).toBeLessThan(27);
    const seen = policy.seen.map(({ metrics }) => metrics.get("cpu"));
    expect(seen.some((reading) => reading?.kind === "per-replica" && reading.samples.length < 4)).toBe(true);
  });

  it("of whole scrapes leave the policy with the last that came", () => {
    const { tally } = tell({ failingShare: 0.5 });
    // Of 60, 30 with a standard deviation of 3.9.
    expect(Math.abs((tally?.scrapesFailed ?? 0) - 30)).toBeLessThan(16);
    expect(tally?.samplesMissing).toBe(0);
  });

  it("may begin and end on the timeline", () => {
    // The scrapes of 300 to 390 s, of 4 replicas each: at one instant, what is done goes before what is measured.
    expect(tell({}, { kind: "metrics-loss", share: 1 }).tally?.samplesMissing).toBe(40);
  });
});

describe("a round trip", () => {
  it("holds both ways, wherever it is written", () => {
    const regions = new Regions([
      { name: "eu", clients: 1, replicas: 1, reachMs: { us: 80 } },
      { name: "us", clients: 0, replicas: 0, reachMs: {} },
    ]);
    expect([regions.roundTripMs("eu", "us"), regions.roundTripMs("us", "eu"), regions.roundTripMs("us", "us")]).toEqual(
      [80, 80, 0],
    );
  });
});
