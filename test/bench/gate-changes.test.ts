/** The gate's demonstration (docs/gate-demonstration.md), simulated: live it takes minutes, `npm run bench -- gate-demonstration`. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { judgeGate } from "../../analyzers/gate.ts";
import { baseFile, demonstrationFolder, readChanges } from "../../bench/gate-changes.ts";
import { readScenarioInput } from "../../cli/scenario-input.ts";
import { simulateScenario } from "../../cli/simulated-run.ts";
import type { Run } from "../../core/run.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import type { Setting } from "../../core/scenario/override.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";

async function played(file: string, settings: readonly Setting[]): Promise<{ scenario: Scenario; run: Run }> {
  const input = await readScenarioInput(file, { settings }, new AbortController().signal);
  return { scenario: input.scenario, run: simulateScenario(input, { timeScale: 1 }) };
}

describe("the twelve changes of the demonstration", () => {
  it("are six that harm and six that do not", () => {
    const changes = readChanges();
    expect(changes.filter(({ isHarmful }) => isHarmful).length).toBe(6);
    expect(changes.length).toBe(12);
  });

  it.each(readChanges().map((change) => [change.name, change] as const))(
    "%s gets the verdict that it deserves",
    async (_, { file, set, isHarmful }) => {
      const base = await played(baseFile, []);
      const { scenario, run } = await played(file, set);
      expect(judgeGate(scenario, [run], [base.run]).verdict).toBe(isHarmful ? "fail" : "pass");
    },
  );

  it("include one that is nothing but the same keys in another order", async () => {
    const [base = "", reordered = ""] = await Promise.all(
      ["base.yaml", "reordered-keys.yaml"].map((name) => readFile(path.join(demonstrationFolder, name), "utf8")),
    );
    const withoutLines = (text: string): unknown =>
      JSON.parse(
        JSON.stringify(parseScenario(text, "file.yaml"), (key, value: unknown) => (key === "line" ? 0 : value)),
      );
    expect(withoutLines(reordered)).toEqual(withoutLines(base));
    expect(reordered).not.toBe(base);
  });
});
