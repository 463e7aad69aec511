/** Ways of scaling side by side: the same load, drawn by hand, on fleets that follow it and that do not. */
import { describe, expect, it } from "vitest";
import type { Run } from "../../../core/run.ts";
import { minuteMs } from "../../../core/time.ts";
import { renderStrategies } from "../../../reports/strategies/page.ts";
import { renderStrategyMarkdown, renderStrategyTable, strategyRow } from "../../../reports/strategies/rows.ts";
import { fleetRun, loadOf, madeScaling, wishes } from "../../analyzers/made-fleet.ts";
import { madeLedger, madeRecord, refused } from "../../analyzers/made-run.ts";

/** From one replica's worth of load to four; 1,000 requests a minute keep one busy. */
const load = loadOf(1, 1, 2, 4, 4, 4);

function runOf(file: string, counts: ReturnType<typeof wishes>, refusedCalls = 0): Run {
  const run = fleetRun(counts, load, { ...madeScaling, file });
  const usage = {
    startMs: 4 * minuteMs,
    widthMs: minuteMs,
    calls: 0,
    refused: refusedCalls,
    chargedTokens: 0,
    inputTokens: 0,
    outputTokens: 0,
    cost: 0,
  };
  const providers = [madeLedger({ refused: refusedCalls, usage: [usage] })];
  return { ...run, manifest: { ...run.manifest, providers }, records: [madeRecord(), refused("r1")] };
}

const flat = runOf("manual.yaml", wishes([0, 2]));
const late = runOf("cpu.yaml", wishes([0, 2], [4, 4]), 12);
const following = runOf("tokens.yaml", wishes([0, 2], [3, 5]));

describe("ways of scaling side by side", async () => {
  const page = await renderStrategies([flat, late, following]);
  const figures = [...page.matchAll(/<figure>.*?<\/figure>/gs)].map(([figure]) => figure);
  const red = (text: string | undefined): number => text?.match(/fill="var\(--fail\)"/g)?.length ?? 0;

  it("are drawn one under the other, each under the name of its config", () => {
    expect(figures.map((figure) => /<h3>(.*?)<\/h3>/.exec(figure)?.[1])).toEqual([
      "manual.yaml",
      "cpu.yaml",
      "tokens.yaml",
    ]);
  });

  it("are red where capacity is below demand: all the time, for a while, never", () => {
    expect(figures[0]).toContain("Red: capacity is below demand, for 50 % of the time. The providers refuse nothing.");
    expect(figures[1]).toContain("for 16.7 % of the time. Triangles: a provider&#39;s limit refuses calls, 12 calls");
    expect(figures[2]).toContain("Capacity follows. The providers refuse nothing.");
    expect(figures.map(red)).toEqual([3, 2, 0]); // three minutes; one and a triangle
  });

  it("say demand and capacity in requests a second: 4,000 a minute, and five replicas of 1,000 a minute", () => {
    expect(figures[2]).toContain("Demand grows to 67 requests a second, capacity to 83.");
  });

  it("share one height, so that the eye can compare", () => {
    const heights = figures.map((figure) => [...figure.matchAll(/>(\d+)<\/text>/g)].map(([, label]) => label));
    expect(heights[0]).toEqual(heights[2]);
  });

  it("have the same figures in the terminal and in Markdown", () => {
    expect(strategyRow(late)).toMatchObject({ name: "cpu.yaml", failed: "50 %", replicasMost: "4", refused: "12" });
    expect(renderStrategyTable([flat, late], 100)).toMatch(/^cpu\.yaml +50 % .* 12 /m);
    expect(renderStrategyMarkdown([flat, late]).split("\n")[3]).toContain("| cpu.yaml | 50 % |");
  });
});
