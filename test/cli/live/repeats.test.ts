import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { playRepeats } from "../../../cli/live/repeats.ts";
import type { RunOutcome } from "../../../cli/live-and-simulated.ts";
import type { Progress } from "../../../cli/progress.ts";
import type { ScenarioInput } from "../../../cli/scenario-input.ts";
import type { RunManifest } from "../../../core/run.ts";
import { replicationSeed } from "../../../simulator/sweep/replications.ts";
import { madeRun, madeScenario } from "../../analyzers/made-run.ts";

const scenario = madeScenario();
const input: ScenarioInput = { scenario, text: "" };

/** Plays what is listed, and then what is as it should be; notes the seeds and what was told. */
function playing(...listed: readonly Partial<RunManifest>[]): {
  readonly seeds: number[];
  readonly told: string[];
  readonly play: (each: ScenarioInput) => Promise<RunOutcome>;
  readonly progress: Progress;
} {
  const [seeds, told, left] = [new Array<number>(), new Array<string>(), [...listed]];
  const nothing = (): void => undefined;
  return {
    seeds,
    told,
    play: async (each) => {
      seeds.push(each.scenario.seed);
      return { run: madeRun([], { seed: each.scenario.seed, ...left.shift() }), findings: [], scenario: each.scenario };
    },
    progress: { step: nothing, detail: nothing, note: (text) => told.push(text), done: nothing, fail: nothing },
  };
}

const late: Partial<RunManifest> = {
  generator: { latenessP50Ms: 0, latenessP99Ms: 9, latenessMaxMs: 9, loopUtilization: 0, overload: "sent too late" },
};
const signal = new AbortController().signal;

describe("playRepeats", () => {
  it("plays the scenario's own seed first and then others, always the same ones", async () => {
    const { seeds, play, progress } = playing();
    const outcomes = await playRepeats(input, 3, play, { out: undefined, progress, signal });
    expect(seeds).toEqual([0, 1, 2].map((index) => replicationSeed(scenario.seed, index)));
    expect(seeds[0]).toBe(scenario.seed);
    expect(new Set(seeds).size).toBe(3);
    expect(outcomes.map(({ run }) => run.manifest.seed)).toEqual(seeds);
  });

  it("plays a run in which the load generator was late again, with the same seed", async () => {
    const { seeds, told, play, progress } = playing({}, late);
    const outcomes = await playRepeats(input, 2, play, { out: undefined, progress, signal });
    expect(outcomes).toHaveLength(2);
    expect(seeds[2]).toBe(seeds[1]);
    expect(seeds).toHaveLength(3);
    expect(told.at(-1)).toBe("run 2 is played again: the load generator was the bottleneck: sent too late");
  });

  it("ends with a run that was not completed, and after the one during which somebody stopped it", async () => {
    const broken = playing({}, { status: "failed" });
    expect(await playRepeats(input, 5, broken.play, { ...broken, out: undefined, signal })).toHaveLength(2);
    const stopped = playing();
    expect(
      await playRepeats(input, 5, stopped.play, { ...stopped, out: undefined, signal: AbortSignal.abort() }),
    ).toHaveLength(1);
  });

  it("writes each run as soon as it is over, so that those before one that breaks stay", async () => {
    const out = mkdtempSync(path.join(tmpdir(), "squall-repeats-"));
    onTestFinished(() => rmSync(out, { recursive: true }));
    const { play, progress } = playing();
    const seen: boolean[] = [];
    const breaking = async (each: ScenarioInput): Promise<RunOutcome> => {
      seen.push(existsSync(path.join(out, "1", "manifest.json")));
      if (seen.length === 2) throw new Error("no port left");
      return await play(each);
    };
    await expect(playRepeats(input, 3, breaking, { out, progress, signal })).rejects.toThrow("no port left");
    expect(seen).toEqual([false, true]);
    expect(readdirSync(out)).toEqual(["1"]);
  });
});
