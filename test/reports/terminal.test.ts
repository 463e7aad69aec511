import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { analyze } from "../../analyzers/analyze.ts";
import { compareRuns, type FidelityRow } from "../../analyzers/fidelity.ts";
import type { Run } from "../../core/run.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { renderRun } from "../../reports/terminal.ts";
import { madeRecord, madeRun, madeScenario, objective } from "../analyzers/made-run.ts";
import { replayRun, syntheticScenario, tenUsersRun } from "./synthetic-run.ts";

function shown(run: Run, scenario: Scenario, width = 100, colour = false): string {
  return renderRun({ run, findings: analyze(run, scenario), reportPath: "runs/ten/report.html" }, { width, colour });
}

const tenUsers = tenUsersRun({ kind: "live", seed: 7 });

describe("the verdict in a terminal", () => {
  it("shows verdict, objectives, latencies, cost and where the report is, in that order", () => {
    const text = shown(tenUsers, syntheticScenario("ten-users"));
    const landmarks = [
      "ten-users",
      "✓ PASS",
      "All 5 objectives hold.",
      "Objective",
      "Latency",
      "Cost  $",
      "Report  runs/ten/report.html",
    ];
    const places = landmarks.map((landmark) => text.indexOf(landmark));
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(places).not.toContain(-1);
  });

  it("writes an objective with its measurement, its interval, its limit and its judgement in a word", () => {
    const line = shown(tenUsers, syntheticScenario("ten-users"))
      .split("\n")
      .find((candidate) => candidate.includes("first token p95 against"));
    expect(line).toMatch(
      /✓ {2}Time to first token p95 against baseline {2,}\+\d\.\d % {2,}.+% to .+% {2,}<= 10% {2,}pass$/,
    );
  });

  it("says under an objective that is missed or cannot be judged why that is", () => {
    const text = shown(madeRun([madeRecord()]), madeScenario([objective("degradation.ttft.p95", "<=", 0.1)]));
    expect(text).toContain("? INCONCLUSIVE");
    expect(text).toMatch(/inconclusive\n +this run has no baseline phase/);
  });

  it("stands live beside simulated with the error between them", () => {
    const findings = analyze(tenUsers, syntheticScenario("ten-users"));
    const simulated = tenUsersRun({ kind: "simulated", seed: 7 });
    const compared = { run: simulated, findings, fidelity: compareRuns(tenUsers, simulated) };
    const text = renderRun({ run: tenUsers, findings, compared }, { width: 100, colour: false });
    expect(text).toMatch(/✓ {2}End to end, mean +\d\.\d+ s +\d\.\d+ s +-\d\.\d % +± 5 %/);
    expect(text).toMatch(/✓ {2}Cost +\$\d\.\d+ +\$\d\.\d+ +0\.0 % +± 1 %/);
    expect(text).toContain("Judged by itself, the simulation is: ✓ pass");
    expect(text).not.toContain("Report");
  });

  it("compares retries that providers saw and tokens for nobody where there are any, and the loads of the gateway", () => {
    const findings = analyze(tenUsers, syntheticScenario("ten-users"));
    const row = (metric: string, title: string, live: number): FidelityRow => ({
      metric,
      title,
      unit: "count",
      live,
      simulated: 0,
    });
    const rows = [
      row("upstream.repeated", "Calls upstream after the first", 3),
      row("tokens.wasted", "Tokens for nobody", 0),
      row("load.60.e2e.mean", "End to end, mean, gateway's load 60 to 85 %", 9),
    ];
    const compared = { run: tenUsers, findings, fidelity: { rows, paired: 0, unpaired: 0 } };
    const text = renderRun({ run: tenUsers, findings, compared }, { width: 120, colour: false });
    expect(text).toMatch(/Calls upstream after the first +3 +0/);
    expect(text).not.toContain("Tokens for nobody");
    expect(text).toMatch(/gateway's load 60 to 85 % +9 +0/);
  });

  it("tells the kinds of failure and how many", () => {
    const text = shown(replayRun({ kind: "live", seed: 7 }), syntheticScenario("replay"));
    expect(text).toContain("✗ FAIL");
    expect(text).toMatch(/rate-limited, 429, rate_limit_exceeded +[\d,]+ +\d/);
  });

  it.each([60, 80, 100, 160])("fits into %i columns", (width) => {
    const text = shown(tenUsers, syntheticScenario("ten-users"), width);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  });

  it("adds colour only when asked, and then only colour", () => {
    const plain = shown(tenUsers, syntheticScenario("ten-users"));
    const painted = shown(tenUsers, syntheticScenario("ten-users"), 100, true);
    expect(stripVTControlCharacters(plain)).toBe(plain);
    expect(painted).not.toBe(plain);
    expect(stripVTControlCharacters(painted)).toBe(plain);
  });

  it("lets no escape sequence of a scenario's name or an error's reason through", () => {
    const failed = madeRecord({ outcome: "connection", status: 0, reason: "\u001b[2Jgone\u0007" });
    const run = madeRun([failed], { scenario: "\u001b[31mevil", gateway: "http://x/\u001b]0;title\u0007" });
    const text = shown(run, madeScenario([objective("errors", "==", 0)]));
    expect(stripVTControlCharacters(text)).toBe(text);
    expect(text).toContain("evil");
    expect(text).toContain("gone");
  });
});
