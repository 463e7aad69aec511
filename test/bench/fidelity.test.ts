import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { capacityPerSecond, matrix, scenarioOf, shapes } from "../../bench/fidelity/cases.ts";
import { isJudged } from "../../analyzers/fidelity-repeats.ts";
import { causesOf } from "../../bench/fidelity/causes.ts";
import { measuredPart, pageWith } from "../../bench/fidelity/page.ts";
import { forgetResults, keepResult, readResults, type Result, resultOf } from "../../bench/fidelity/results.ts";
import { parseScenario } from "../../core/scenario/parse.ts";

describe("the matrix", () => {
  it("has every gateway under every kind of trouble at every load, each a scenario that is valid", () => {
    expect(matrix).toHaveLength(2 * 6 * 3);
    expect(new Set(matrix.map(({ name }) => name)).size).toBe(matrix.length);
    for (const each of matrix) {
      const { platform, traffic } = parseScenario(scenarioOf(each, 24, 7), `${each.name}.yaml`);
      expect(platform.gateway).toBe(each.gateway);
      if (traffic.load.kind !== "open") throw new Error("arrivals are open");
      const most = Math.max(...traffic.load.segments.map(({ toPerMs }) => toPerMs));
      expect((most * 1_000) / capacityPerSecond(each.gateway)).toBeCloseTo(each.load, 2);
      expect(traffic.load.segments.reduce((sum, { forMs }) => sum + forMs, 0)).toBe(24_000);
    }
    expect(new Set(matrix.map(({ shape }) => shape))).toEqual(new Set(shapes));
  });
});

function played(facts: Partial<Result> & { readonly errors?: Readonly<Record<string, number>> } = {}): Result {
  const { errors = {}, ...rest } = facts;
  const row = (metric: string, live: number, target: number): Result["rows"][number] => {
    const error = errors[metric] ?? 0;
    const within = Math.abs(error) <= target;
    return { metric, title: metric, unit: "count", live, simulated: live * (1 + error), error, target, within };
  };
  return {
    name: "portkey-steady-60",
    seed: 1,
    at: "2026-11-21T08:00:00.000Z",
    gateway: "portkey 1.15.2",
    loadMs: 10_000,
    overload: "",
    machine: { processors: 2, busy: 0.5, others: 0.01 },
    rows: [
      row("ttft.mean", 300, 0.1),
      row("e2e.mean", 400, 0.05),
      row("e2e.p99", 1_000, 0.15),
      row("outcome.rate-limited", 10, 0.05),
      row("cost.total", 50, 0.01),
      { metric: "requests", title: "Requests", unit: "count", live: 3_000, simulated: 3_000, error: 0 },
      { metric: "outcome.ok", title: "ok", unit: "count", live: 3_000, simulated: 3_000, error: 0 },
      { metric: "tokens.output", title: "tokens", unit: "tokens", live: 78_600, simulated: 78_600, error: 0 },
    ],
    ...rest,
  };
}

describe("the page", () => {
  it("says of each case how far it is off, with the spread over its runs, and marks what misses", () => {
    const runs = [0.02, 0.04].map((error, index) =>
      played({ seed: index + 1, errors: { "e2e.mean": error, "ttft.mean": -0.2 } }),
    );
    const text = measuredPart(runs, "a machine");
    // Two runs, 2 % and 4 %: 3 % and half an interval of 12.706 x 1 %.
    expect(text).toContain("| steady | 60 % | 6,000 | **-20.0 % ± 0.0** | +3.0 % ± 12.7 | 0.0 % ± 0.0 |");
    expect(text).toContain("1 of 36 cases, 35 not played, 2 runs.");
    expect(text).toContain(
      "* **portkey-steady-60**: ttft.mean 300 live, 240 simulated (-20.0 %, allowed 10 %). Why: nothing that was measured explains it.",
    );
  });

  it("leaves out runs that say nothing of the simulation as long as there are others", () => {
    const late = played({ seed: 2, overload: "sends were late", errors: { "e2e.mean": 0.5 } });
    expect(measuredPart([played(), late], "a machine")).toContain(
      "| 0.0 % | 0.0 % | 0.0 % | 0.0 % | 0.0 % | 2, 1 not judged |",
    );
    expect(measuredPart([played(), late], "a machine")).toContain("Nowhere: every run is within every target.");
    const alone = measuredPart([late], "a machine");
    expect(alone).toContain(
      "**portkey-steady-60**, not judged: e2e.mean 400 live, 600 simulated (+50.0 %, allowed 5 %). Why: the load generator was late: sends were late",
    );
  });

  it("replaces what was measured before, and keeps what people wrote around it", () => {
    const first = pageWith("# Title\n\nBefore.\n", "old");
    const page = first.replace("measured until here -->\n", "measured until here -->\n\nAfter.\n");
    expect(pageWith(page, "new")).toBe(page.replace("old", "new"));
    expect(page).toMatch(/^# Title\n\nBefore\.\n\n<!-- .* -->\n\nold\n\n<!-- .* -->\n\nAfter\.\n$/);
  });
});

describe("causesOf", () => {
  it.each([
    {
      why: "a late generator",
      facts: { overload: "5 ms late" },
      told: "the load generator was late: 5 ms late",
      judged: false,
    },
    {
      why: "others on the machine",
      facts: { machine: { processors: 2, busy: 0.5, others: 0.3 } },
      told: "other programs used 30 % of the machine",
      judged: false,
    },
    {
      why: "processors that all were busy",
      facts: { machine: { processors: 2, busy: 0.95, others: 0 } },
      told: "processors were 95 % busy: gateway, providers and clients waited for them",
      judged: true,
    },
    {
      // 3,000 requests in 10 s, so 4 ms for each; whatever a calibration finds of Portkey is less.
      why: "a gateway that needs more CPU than its profile says",
      facts: { machine: { processors: 2, busy: 0.5, others: 0, gateway: 1.2 } },
      told: expect.stringMatching(
        /^the gateway used 4\.0 ms of CPU a request, where its profile says [12]\.\d ms of a busy one$/,
      ),
      judged: true,
    },
  ])("finds $why", ({ facts, told, judged }) => {
    expect(causesOf(played(facts))).toEqual([told]);
    expect(isJudged(played(facts))).toBe(judged);
  });

  it("finds calls that only one of the two made, errors that come with the load, and a thin tail", () => {
    const calls = {
      metric: "upstream.calls",
      title: "",
      unit: "count" as const,
      live: 100,
      simulated: 120,
      error: 0.2,
    };
    const band = (from: number, error: number): Result["rows"][number] => ({
      metric: `load.${from}.e2e.mean`,
      title: "",
      unit: "ms",
      error,
    });
    const few = { metric: "outcome.ok", title: "", unit: "count" as const, live: 550, simulated: 550 };
    expect(causesOf(played({ rows: [calls, band(0, 0.01), band(60, -0.2), few] }))).toEqual([
      "providers were called 100 times live and 120 times simulated",
      "the error comes with the load (end to end +1.0 % where it was lowest, -20.0 % where it was highest): queues at the gateway",
      "p99 of 550 answers rests on 6 of them",
    ]);
  });

  it("finds nothing where all is as it should be", () => {
    expect(causesOf(played())).toEqual([]);
  });
});

describe("results", () => {
  it("are kept line by line, and read again", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "squall-fidelity-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, "deep/results.ndjson");
    expect(readResults(file)).toEqual([]);
    keepResult(file, played());
    keepResult(file, played({ seed: 2 }));
    expect(readResults(file)).toEqual([played(), played({ seed: 2 })]);
    forgetResults(file);
    expect(readResults(file)).toEqual([]);
  });

  it("come of a run only where something stands beside it", () => {
    const run = { gateway: "portkey 1.15.2", phases: [{ name: "load" as const, startMs: 500, endMs: 2_500 }] };
    expect(resultOf("x", 1, { run })).toBeUndefined();
    const fidelity = { rows: [], paired: 0, unpaired: 0 };
    expect(resultOf("x", 1, { run, fidelity })).toMatchObject({ loadMs: 2_000, overload: "", rows: [] });
  });
});
