import { describe, expect, it } from "vitest";
import { analyze } from "../../../analyzers/analyze.ts";
import { compareRuns } from "../../../analyzers/fidelity.ts";
import type { Run } from "../../../core/run.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";
import { renderReport } from "../../../reports/html/page.ts";
import { styleSheet } from "../../../reports/html/style.ts";
import type { ReportInput } from "../../../reports/report-input.ts";
import { madeLedger, madeRecord, madeRun, madeScenario, objective } from "../../analyzers/made-run.ts";
import { replayRun, syntheticScenario, tenUsersRun } from "../synthetic-run.ts";

function alone(run: Run, scenario: Scenario): ReportInput {
  return { run, findings: analyze(run, scenario) };
}

function besideSimulation(run: Run, simulated: Run, scenario: Scenario): ReportInput {
  const compared = { run: simulated, findings: analyze(simulated, scenario), fidelity: compareRuns(run, simulated) };
  return { ...alone(run, scenario), compared };
}

const tenUsers = besideSimulation(
  tenUsersRun({ kind: "live", seed: 7 }),
  tenUsersRun({ kind: "simulated", seed: 7 }),
  syntheticScenario("ten-users"),
);
const replay = besideSimulation(
  replayRun({ kind: "live", seed: 7 }),
  replayRun({ kind: "simulated", seed: 7 }),
  syntheticScenario("replay"),
);

function all(page: string, pattern: RegExp): readonly string[] {
  return [...page.matchAll(pattern)].map((match) => match[1] ?? match[0]);
}

describe("the report page", () => {
  it("has the verdict first, then its sections in reading order", async () => {
    const page = await renderReport(tenUsers);
    expect(page.indexOf("PASS")).toBeLessThan(page.indexOf("<h2>"));
    expect(all(page, /<h2>([^<]+)<\/h2>/g)).toEqual([
      "Objectives",
      "Latency",
      "Distributions",
      "Providers and their limits",
      "Outcomes",
      "Cost",
      "Live beside simulated",
      "Small print",
    ]);
    expect(all(page, /<h3>([^<]+)<\/h3>/g)).toEqual([
      "Time to first token over time",
      "End to end over time",
      "Time to first token",
      "End to end",
      "Tokens per minute at openai",
      "Requests by outcome",
      "To repeat this run",
    ]);
  });

  it("lists what happened during the load, and draws it into the time charts", async () => {
    const page = await renderReport(replay);
    expect(page).toContain("<h2>Events</h2>");
    expect(page).toContain("latency times 1.5 for gpt-4o-mini");
    expect(page).toContain("Numbered lines are the events in the table below.");
  });

  it("gives the same bytes for the same input, whatever was drawn before", async () => {
    const first = await renderReport(tenUsers);
    await renderReport(replay);
    expect(await renderReport(tenUsers)).toBe(first);
  });

  it("stays small for twenty thousand requests", async () => {
    expect(replay.run.records.length).toBeGreaterThan(19_000);
    expect((await renderReport(replay)).length).toBeLessThan(400_000);
  });

  it("loads and runs nothing: no script, no address, no event handler", async () => {
    const page = (await renderReport(tenUsers)).replaceAll(/ xmlns(:xlink)?="[^"]*"/g, "");
    expect(page).not.toMatch(/<(script|iframe|object|embed|img|base|form)\b/i);
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).not.toMatch(/\son[a-z]+=/i);
    expect(page).not.toMatch(/url\(/);
    expect(page).toContain('content="default-src &#39;none&#39;;');
  });

  it("names and describes each chart for those who cannot see it, under an id of its own", async () => {
    const page = await renderReport(tenUsers);
    const charts = all(page, /<svg [^>]*role="img" aria-labelledby="([^"]+)"/g);
    expect(charts).toHaveLength(6);
    const ids = all(page, /\sid="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of charts.flatMap((chart) => chart.split(" "))) expect(ids).toContain(id);
    expect(all(page, /<desc id="[^"]+">([^<]{20,})<\/desc>/g)).toHaveLength(6);
  });

  it("gives each axis a title with its unit", async () => {
    const page = await renderReport(tenUsers);
    const titles = ["Milliseconds", "Seconds", "Share of requests within it", "Tokens in a minute", "Requests in 5 s"];
    for (const title of [...titles, "Time since the load began (min:s)"]) expect(page).toContain(`>${title}</text>`);
  });

  it("never turns a name into markup, wherever names come from", async () => {
    const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const record = madeRecord({ model: evil, provider: evil, outcome: "connection", status: 0, reason: evil });
    const run = madeRun([record, madeRecord({ key: "b", model: evil })], {
      scenario: evil,
      scenarioText: evil,
      gateway: evil,
      engine: evil,
      prices: evil,
      trace: { name: evil, rows: 1 },
      startedAt: evil,
      environment: { [evil]: evil },
      profiles: [{ name: evil, status: evil, source: evil }],
      generator: { latenessP50Ms: 0, latenessP99Ms: 0, latenessMaxMs: 0, loopUtilization: 0, overload: evil },
      providers: [
        madeLedger({
          provider: evil,
          unpricedModels: [evil],
          usage: [
            {
              startMs: 0,
              widthMs: 1_000,
              calls: 1,
              refused: 1,
              chargedTokens: 5,
              inputTokens: 1,
              outputTokens: 1,
              cost: 0,
            },
          ],
          limits: [{ model: evil, requestsPerMinute: 1, tokensPerMinute: 1 }],
        }),
      ],
    });
    const events = [{ atMs: 1, kind: evil, subject: evil, text: evil }];
    const objectives = [{ ...objective(evil, "<", 1), text: evil }, objective("errors", "==", 0)];
    const page = await renderReport(alone({ ...run, events }, madeScenario(objectives)));
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toMatch(/<script|<img/i);
    expect(page).not.toMatch(/<[^>]*\sonerror=/);
  });

  it("says so where there is nothing to show, and still gives a verdict", async () => {
    const page = await renderReport(alone(madeRun([]), madeScenario()));
    expect(page).toContain("INCONCLUSIVE");
    expect(page).toContain("No request of the load phase was answered.");
    expect(page).toContain("No provider kept a ledger, so nobody knows what it cost.");
    expect(page).not.toContain("NaN");
    expect(page).not.toContain("undefined");
    expect(all(page, /<svg/g)).toHaveLength(0);
  });

  it("shows a run in which every request failed, without a latency", async () => {
    const failed = madeRecord({ outcome: "timeout", status: 0, firstTokenMs: null, reason: "60 s" });
    const page = await renderReport(alone(madeRun([failed]), madeScenario([objective("e2e.p95", "<", 1)])));
    expect(page).toContain("timeout, no answer, 60 s");
    expect(page).not.toContain("NaN");
  });

  it("says how to repeat a simulated trace, and a live one at its time scale", async () => {
    const trace = { name: "azure.csv", rows: 10 };
    const simulated = await renderReport(alone(madeRun([], { kind: "simulated", trace }), madeScenario()));
    expect(simulated).toContain("<pre>squall simulate scenario.yaml --trace azure.csv --seed 7</pre>");
    const live = await renderReport(alone(madeRun([], { trace, timeScale: 10 }), madeScenario()));
    expect(live).toContain("what gateway and network take by themselves counts 10 times");
    expect(live).toContain("<pre>squall run scenario.yaml --time-scale 10 --trace azure.csv --seed 7</pre>");
  });
});

describe("the style sheet", () => {
  const schemes = all(styleSheet, /:root \{([^}]*)\}/g).map(
    (block) =>
      new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""])),
  );

  it("has a light, a dark and a paper scheme with the same colours named", () => {
    expect(schemes).toHaveLength(3);
    const [light, dark, paper] = schemes.map((scheme) => [...scheme.keys()]);
    expect(light?.length).toBeGreaterThan(10);
    expect(dark).toEqual(light);
    expect(paper).toEqual(light);
  });

  it("keeps text at a contrast of at least 4.5 to 1 (WCAG 2.2, AA) on both backgrounds of each scheme", () => {
    for (const scheme of schemes) {
      for (const text of ["ink", "muted", "pass", "fail", "inconclusive"]) {
        for (const ground of ["paper", "wash"]) {
          expect(
            contrast(scheme.get(text) ?? "", scheme.get(ground) ?? ""),
            `${text} on ${ground}`,
          ).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });
});

/** Contrast ratio of two colours, as WCAG 2.2 defines it. */
function contrast(first: string, second: string): number {
  const [dark = 0, light = 0] = [luminance(first), luminance(second)].toSorted((left, right) => left - right);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
