import { describe, expect, it } from "vitest";
import { judgeGate } from "../../../analyzers/gate.ts";
import type { Run } from "../../../core/run.ts";
import { renderGateMarkdown } from "../../../reports/gate/markdown.ts";
import { renderGatePage } from "../../../reports/gate/page.ts";
import { renderGate } from "../../../reports/gate/terminal.ts";
import { madeRecord, madeRun, madeScenario, objective } from "../../analyzers/made-run.ts";

function simulation(e2eMs: number, retries: number): Run {
  const records = Array.from({ length: 80 }, (_, index) =>
    madeRecord({ key: `a${index}`, endMs: e2eMs, firstTokenMs: e2eMs / 4, upstreamCalls: 1, cost: 1_000 }),
  );
  return madeRun(records, { kind: "simulated", scenarioText: `platform: { retries: { max: ${retries} } }\n` });
}

const scenario = madeScenario([objective("e2e.p95", "<", 9_000)]);
const worse = judgeGate(scenario, [simulation(4_000, 2)], [simulation(2_000, 1)]);
const alike = judgeGate(scenario, [simulation(2_000, 2)], [simulation(2_000, 1)]);
const changed = "platform.retries.max: 1 -> 2";

describe("a gate's page", () => {
  it("has the verdict, what changed, every metric, and both sides' distributions, and loads nothing", async () => {
    const page = await renderGatePage(worse);
    for (const part of [
      "FAIL",
      "scenario platform.retries.max",
      "Changes and what is tolerated",
      "went from 2 s to 4 s",
      "before 80 requests, now 80 requests",
    ]) {
      expect(page).toContain(part);
    }
    expect(page).not.toMatch(/<script|src="http|@import/);
  });

  it("of a gate without a baseline is about its objectives alone", async () => {
    const page = await renderGatePage(judgeGate(scenario, [simulation(2_000, 1)], []));
    expect(page).toContain("Objectives");
    expect(page).not.toContain("Against the baseline");
    expect(page).not.toContain("What changed");
  });
});

describe("what changed since the baseline", () => {
  it("stands below the facts of a gate that failed, in the terminal and in the summary", () => {
    const terminal = renderGate(worse, { width: 100, colour: false });
    expect(terminal.indexOf("1. ")).toBeGreaterThan(terminal.indexOf("FAIL"));
    expect(terminal.indexOf(changed)).toBeGreaterThan(terminal.indexOf("1. "));
    const summary = renderGateMarkdown(worse);
    expect(summary.indexOf("1. ")).toBeLessThan(summary.indexOf("Changed since the baseline:"));
  });

  it("is left out of one that passed: nobody has to look for anything", () => {
    expect(renderGate(alike, { width: 100, colour: false })).not.toContain("Changed since");
    expect(renderGateMarkdown(alike)).not.toContain("Changed since");
  });
});
