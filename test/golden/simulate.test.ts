/**
 * Goldens: what simulations print, to the character, and a digest of every record behind it. The same on any machine, or the
 * seed does not decide everything. `npm run examples` writes them anew; read the diff before it is committed.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { analyze } from "../../analyzers/analyze.ts";
import { readScenarioInput } from "../../cli/scenario-input.ts";
import { simulateScenario } from "../../cli/simulated-run.ts";
import { renderRun } from "../../reports/terminal.ts";
import { recordLine } from "../../runs/record-line.ts";

const root = path.resolve(import.meta.dirname, "../..");

describe("a simulation", () => {
  it.each(["ten-users", "steady-open", "provider-outage"])("of %s is the one written down here", async (name) => {
    const file = path.join(root, "scenarios", `${name}.yaml`);
    const input = await readScenarioInput(file, {}, new AbortController().signal);
    const run = simulateScenario(input, { timeScale: 1 });
    const findings = analyze(run, input.scenario);
    const digest = createHash("sha256").update(run.records.map(recordLine).join("\n")).digest("hex");
    const printed = renderRun({ run, findings }, { width: 100, colour: false });
    await expect(`${printed}\n  sha256 of ${run.records.length} records: ${digest}\n`).toMatchFileSnapshot(
      path.join(import.meta.dirname, `${name}.txt`),
    );
  });
});
