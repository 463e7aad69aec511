/** The deployment patterns among the scenarios: each holds its objectives, and shows what it is about. */
import path from "node:path";
import { describe, expect, it } from "vitest";
import { analyze } from "../../analyzers/analyze.ts";
import { readScenarioInput } from "../../cli/scenario-input.ts";
import { simulateScenario } from "../../cli/simulated-run.ts";
import { verdictOf } from "../../core/finding.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import { minuteMs } from "../../core/time.ts";

async function play(name: string): Promise<Run> {
  const file = path.join(import.meta.dirname, `../../scenarios/patterns/${name}.yaml`);
  const input = await readScenarioInput(file, {}, new AbortController().signal);
  const run = simulateScenario(input, { timeScale: 1 });
  expect(verdictOf(analyze(run, input.scenario))).toBe("pass");
  return run;
}

/** Share of what was asked for between two minutes that some provider answered. */
function shareOf({ records }: Run, provider: string, fromMinute: number, toMinute: number): number {
  const asked = records.filter(
    ({ intendedMs }) => intendedMs >= fromMinute * minuteMs && intendedMs < toMinute * minuteMs,
  );
  return asked.filter((record: RequestRecord) => record.provider === provider).length / asked.length;
}

describe("the patterns", () => {
  it("carry everybody over when a provider's region is down, and then the gateway's own", async () => {
    const run = await play("two-regions");
    expect(shareOf(run, "azure", 0, 2)).toBe(1);
    expect(shareOf(run, "openai", 2.5, 4.5)).toBe(1);
    expect(run.events.map(({ text }) => text)).toContain("2 replicas lost in eu");
  });

  it("go over the internet while the leased line is down", async () => {
    const run = await play("on-premises");
    expect(shareOf(run, "leased-line", 0, 2)).toBe(1);
    expect(shareOf(run, "vpn", 7.1, 7.4)).toBe(1);
    expect(shareOf(run, "leased-line", 8, 10)).toBe(1);
  });

  it("answer at the edge with a warning while the cloud is away, and only then", async () => {
    const { records } = await play("edge");
    const unsure = records.filter(({ answeredFrom }) => answeredFrom === "unsure");
    expect(unsure.length).toBeGreaterThan(10);
    for (const { intendedMs, provider } of unsure) {
      expect(provider).toBe("edge");
      expect(intendedMs).toBeGreaterThan(3.9 * minuteMs);
      expect(intendedMs).toBeLessThan(7 * minuteMs);
    }
  });

  it("keep to the GPU of one's own until it is full, and take the rest to the cloud", async () => {
    const run = await play("self-hosted");
    expect(shareOf(run, "own", 0, 4)).toBe(1);
    const away = shareOf(run, "cloud", 7, 10);
    expect(away).toBeGreaterThan(0.1);
    expect(away).toBeLessThan(0.9);
  });
});
