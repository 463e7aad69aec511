/** `squall compare`: is the second set of runs worse than the first? */
import { Command } from "commander";
import { judgeGate } from "../../analyzers/gate.ts";
import { invariant } from "../../core/invariant.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import type { CommandContext } from "../context.ts";
import { type GateOutput, presentGate } from "../gate-output.ts";
import { assertSameKind, readRuns } from "../gate-runs.ts";

export function compareCommand(context: CommandContext): Command {
  return new Command("compare")
    .description("compare runs before and after a change: is it worse, by how much, and is that chance?")
    .argument("<baseline>", "run folder, or folder of run folders, from before the change")
    .argument("<candidate>", "the same from after the change")
    .option("--json", "print one JSON document on standard output")
    .option("--junit <file>", "write JUnit XML: a test case for each objective and metric")
    .option("--report <file>", "write a page: what changed, each metric with its interval, and both distributions")
    .option("--summary <file>", "write a Markdown summary; $GITHUB_STEP_SUMMARY is added to")
    .addHelpText(
      "after",
      `
Examples:
  $ squall simulate scenarios/ten-users.yaml --out before
  $ squall simulate scenarios/ten-users.yaml --gateway direct --out after
  $ squall compare before after
  $ squall compare main-runs branch-runs --json | jq '.comparisons[] | select(.judgement == "fail")'

Simulations are exact: one run a side decides. Of live runs five a side are needed, of the same scenario and seed; squall gate
--live makes them, interleaved. Objectives are those of the candidate's scenario.`,
    )
    .action(async (before: string, after: string, options: GateOutput) => {
      const [baseline, candidate] = [await readRuns(before), await readRuns(after)];
      assertSameKind(baseline, candidate);
      const [first] = candidate;
      invariant(first !== undefined, "readRuns returns at least one run");
      const scenario = parseScenario(first.manifest.scenarioText, `${after}/manifest.json`);
      const outcome = judgeGate({ ...scenario, seed: first.manifest.seed }, candidate, baseline);
      context.exit(await presentGate(context, options, outcome, after));
    });
}
