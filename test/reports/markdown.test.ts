import { describe, expect, it } from "vitest";
import { analyze } from "../../analyzers/analyze.ts";
import { compareRuns } from "../../analyzers/fidelity.ts";
import { escapeMarkdown, renderMarkdown } from "../../reports/markdown.ts";
import { madeRecord, madeRun, madeScenario, objective } from "../analyzers/made-run.ts";
import { syntheticScenario, tenUsersRun } from "./synthetic-run.ts";

describe("the Markdown summary", () => {
  it("begins with the verdict and has a table of objectives, latencies and the comparison, each with equal rows", () => {
    const run = tenUsersRun({ kind: "live", seed: 7 });
    const simulated = tenUsersRun({ kind: "simulated", seed: 7 });
    const findings = analyze(run, syntheticScenario("ten-users"));
    const text = renderMarkdown({
      run,
      findings,
      compared: { run: simulated, findings, fidelity: compareRuns(run, simulated) },
    });
    expect(text.startsWith("## ✓ PASS: ten-users\n\nAll 5 objectives hold.\n")).toBe(true);
    const tables = text.split("\n\n").filter((block) => block.startsWith("|"));
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      const cells = table
        .trimEnd()
        .split("\n")
        .map((line) => line.replaceAll(/\\./g, "").split("|").length);
      expect(new Set(cells).size).toBe(1);
    }
    expect(text.length).toBeLessThan(5_000);
  });

  it("keeps names from becoming markup", () => {
    const failed = madeRecord({ outcome: "connection", status: 0, reason: "<b>|`x`|\n# boom" });
    const run = madeRun([failed], { scenario: "[click](http://x) <script>" });
    const text = renderMarkdown({ run, findings: analyze(run, madeScenario([objective("errors", "==", 0)])) });
    expect(text).not.toMatch(/(?<!\\)<(script|b)/);
    expect(text).not.toMatch(/(?<!\\)\[click/);
    expect(text).not.toMatch(/^# boom/m);
  });

  it("escapes each character that Markdown gives a meaning", () => {
    expect(escapeMarkdown("a|b*c_d`e<f>[g]#h~i!\\")).toBe(String.raw`a\|b\*c\_d\`e\<f\>\[g\]\#h\~i\!` + "\\\\");
  });
});
