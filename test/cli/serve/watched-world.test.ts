import { describe, expect, it } from "vitest";
import { watchedWorld } from "../../../cli/serve/watched-world.ts";
import type { World } from "../../../runbooks/engine/world.ts";
import type { Sample } from "../../../web/console/game-day.ts";

interface Watched {
  readonly world: World;
  readonly waits: readonly number[];
  readonly samples: readonly Sample[];
}

function watched(isVirtual: boolean, pace: number): Watched {
  let nowMs = 0;
  const [waits, samples]: [number[], Sample[]] = [[], []];
  const world: Partial<World> = {
    nowMs: () => nowMs,
    wallTime: () => (isVirtual ? undefined : "2026-11-21T08:00:00Z"),
    advanceTo: async (untilMs) => {
      nowMs = untilMs;
      return "reached";
    },
    measure: async (metric, _, scope) => (metric === "errors" ? (scope === undefined ? 0.5 : 1) : undefined),
    account: async () => ({ requests: 10, failed: 5, cost: 7 }),
    alerts: async () => [{ alert: "ErrorRateHigh", severity: "critical", sinceMs: 3 }],
  };
  const watchers = { pace: () => pace, time: () => undefined, sample: (sample: Sample) => void samples.push(sample) };
  const made = watchedWorld(world as World, ["azure"], watchers, async (ms) => void waits.push(ms));
  return { world: made, waits, samples };
}

const { signal } = new AbortController();

describe("a world that people watch", () => {
  it("lets virtual time go no faster than its pace", async () => {
    const { world, waits } = watched(true, 10);
    await world.advanceTo(5_000, signal);
    await world.advanceTo(6_000, signal);
    expect(waits).toEqual([500, 100]);
  });

  it.each([
    { why: "a live world has its own pace", isVirtual: false, pace: 10 },
    { why: "a pace of 0 is as fast as it can", isVirtual: true, pace: 0 },
  ])("does not wait where $why", async ({ isVirtual, pace }) => {
    const { world, waits } = watched(isVirtual, pace);
    await world.advanceTo(5_000, signal);
    expect(waits).toEqual([]);
  });

  it("tells how things stand every five seconds of the scenario, of each provider too", async () => {
    const { world, samples } = watched(false, 1);
    for (const atMs of [1_000, 2_000, 5_999, 6_000, 12_000]) await world.advanceTo(atMs, signal);
    expect(samples.map(({ atMs }) => atMs)).toEqual([1_000, 6_000, 12_000]);
    expect(samples[0]).toMatchObject({
      errors: 0.5,
      cost: 7,
      alerts: [{ alert: "ErrorRateHigh", severity: "critical", sinceMs: 3 }],
      providers: [{ name: "azure", errors: 1 }],
    });
  });
});
