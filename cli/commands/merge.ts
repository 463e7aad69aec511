/** `squall merge`: the shards of a plan, or runs that were played beside each other, as one. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import { mergePlans } from "../../analyzers/merge-plans.ts";
import { assess } from "../../analyzers/plan.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import { mergeRuns } from "../../runs/merge-runs.ts";
import { readRun } from "../../runs/reader.ts";
import type { CommandContext } from "../context.ts";
import { planFiles, readPlanFolder } from "../plan/plan-folder.ts";
import { presentPlan } from "../plan/present-plan.ts";
import { assertOutWritable, present } from "../presentation.ts";

interface MergeOptions {
  readonly out: string;
  readonly json?: boolean;
}

export function mergeCommand(context: CommandContext): Command {
  return new Command("merge")
    .description("join the shards of a plan, or runs that were played beside each other")
    .argument("<folders...>", "folders that squall plan --shard wrote, or run folders of one scenario")
    .requiredOption("--out <dir>", "folder of the whole")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall merge shard-1 shard-2 shard-3 --out plan
  $ squall merge pods/* --out run --json | jq .verdict

The merged plan is the plan that one machine would have made, to the byte. Records of runs are put in order of time, what was
counted is added up, and the verdict is found anew.`,
    )
    .action(async (folders: readonly string[], options: MergeOptions) => {
      const found = folders.map((folder) => path.resolve(context.terminal.cwd, folder));
      if (found.some((folder) => existsSync(path.join(folder, planFiles.plan)))) {
        const plan = mergePlans(await Promise.all(found.map(readPlanFolder)));
        context.exit(await presentPlan(context, options, { plan, assessment: assess(plan) }));
        return;
      }
      const run = mergeRuns(await Promise.all(found.map((folder) => readRun(folder))));
      const scenario = parseScenario(run.manifest.scenarioText, `${folders[0]}/manifest.json`);
      await assertOutWritable(context, options);
      context.exit(await present(context, options, { run, findings: analyze(run, scenario), scenario }));
    });
}
