/** Everything that a condition may ask is measured in the simulated world. */
import { describe, expect, it } from "vitest";
import { readDrillInput } from "../../../cli/drill/drill-input.ts";
import { createSimulatedWorld } from "../../../cli/drill/simulated-world.ts";
import { parseCondition } from "../../../runbooks/engine/conditions.ts";
import { look } from "../../../runbooks/engine/evidence.ts";
import { Outputs } from "../../../runbooks/engine/outputs.ts";
import { sliExamples, sliOf } from "../../../runbooks/engine/slis.ts";
import type { World } from "../../../runbooks/engine/world.ts";

const { signal } = new AbortController();

async function playedFor(untilMs: number): Promise<World> {
  const input = await readDrillInput({ runbookFile: "runbooks/token-limit-exhaustion.md" }, signal);
  const world = createSimulatedWorld(input);
  await world.advanceTo(untilMs, signal);
  return world;
}

const played = await playedFor(180_000);
const names = { provider: "azure", model: "gpt-4o-mini", tenant: "marketing" } as const;

describe("in a simulated world", () => {
  it.each(sliExamples)("%s is measured, for every part of the traffic that it is measured for", async (metric) => {
    expect(await played.measure(metric, 60_000, undefined)).toEqual(expect.any(Number));
    for (const kind of sliOf(metric)?.scopes ?? []) {
      const value = await played.measure(metric, 60_000, { kind, name: names[kind] });
      expect(value, `${metric} of ${kind} ${names[kind]}`).toEqual(expect.any(Number));
      expect(await played.measure("errors", 60_000, { kind, name: "nobody" })).toBeUndefined();
    }
  });

  it("counts tokens and money alike, since the load began and by the minute", async () => {
    const [tokens = 0, cost = 0] = [
      await played.measure("tokens.total", 1, undefined),
      await played.measure("cost.total", 1, undefined),
    ];
    expect(cost).toBe((await played.account()).cost);
    const perMinute = (await played.measure("tokens.per-minute", 180_000, undefined)) ?? 0;
    expect(perMinute * 3).toBeCloseTo(tokens, 3);
  });

  it.each([
    ["errors < 100%", true],
    ["alert NoSuchAlert is silent", true],
    ["provider azure answers within 1h", true],
    ["no deployment within 2h", true],
    ["a deployment within 2h", false],
    ["replicas.ready >= 1 and cost.total > $0", true],
    ["errors of tenant nobody < 100%", false],
  ])("is asked %s: %s", async (sentence, holds) => {
    const read = parseCondition(sentence);
    if (!read.ok) throw new Error(read.message);
    expect((await look(read.condition, played, new Outputs([]))).holds).toBe(holds);
  });
});
