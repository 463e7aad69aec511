/** `squall plan`: many candidates in virtual time; which hold, what each costs, and where it breaks first. */
import { availableParallelism } from "node:os";
import path from "node:path";
import { Command, Option } from "commander";
import { assess, type BreakPointChoice } from "../../analyzers/plan.ts";
import type { Dimension } from "../../core/scenario/search-schema.ts";
import type { Ms } from "../../core/time.ts";
import { parseShard } from "../../simulator/sweep/shard.ts";
import type { CommandContext } from "../context.ts";
import { parseCountFrom1, parseSeed, parseWindow } from "../options.ts";
import { planJobOf } from "../plan/plan-job.ts";
import { planFiles } from "../plan/plan-folder.ts";
import { playPlan } from "../plan/play-plan.ts";
import { presentPlan } from "../plan/present-plan.ts";
import { parseSet } from "../plan/search-input.ts";
import { startProgress } from "../progress.ts";

interface PlanOptions {
  readonly candidates?: readonly string[];
  readonly set?: readonly Dimension[];
  readonly search?: string;
  readonly trace?: string;
  readonly window?: readonly [Ms, Ms];
  readonly seed?: number;
  readonly gateway?: string;
  readonly prices?: string;
  readonly replications: number;
  readonly breakPoint: BreakPointChoice;
  readonly shard?: string;
  readonly workers?: number;
  readonly json?: boolean;
  readonly out?: string;
}

/** Replications of a candidate unless it is said how many: enough for an interval, and a plan stays quick. */
const replicationsDefault = 5;

export function planCommand(context: CommandContext): Command {
  return new Command("plan")
    .description("simulate many candidates: which hold, what each costs, and where it breaks first")
    .argument("<scenario>", "scenario file (YAML)")
    .option("--candidates <files...>", "scaling configs of any tool, each a candidate")
    .option(
      "--set <path=values>",
      "vary a field: platform.replicas.max=4,8,16; scaling.* is the scaling config",
      parseSet,
    )
    .option("--search <file>", "fields to vary, as a grid, at random or by halving (YAML)")
    .option(
      "--replications <n>",
      "simulations of each candidate, each with a seed of its own",
      parseCountFrom1(1_000),
      replicationsDefault,
    )
    .addOption(
      new Option("--break-point <which>", "look for the load at which they break")
        .choices(["frontier", "all", "none"])
        .default("frontier"),
    )
    .option("--trace <file>", "trace to replay, when the scenario asks for one")
    .option("--window <from..to>", "only this part of the trace, for example 0..5m", parseWindow)
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--gateway <name>", "gateway whose profile is played, in place of the scenario's own")
    .option("--prices <file>", "prices in LiteLLM's format, in place of the scenario's file")
    .option("--shard <i/n>", "only part i of n, to be joined by squall merge; job/n in a Kubernetes Indexed Job")
    .option("--workers <n>", "worker threads; as many as there are cores unless given", parseCountFrom1(256))
    .option("--json", "print one JSON document on standard output, progress on standard error")
    .option("--out <dir>", `write ${planFiles.plan}, ${planFiles.page} and ${planFiles.markdown} here`)
    .addHelpText(
      "after",
      `
Examples:
  $ squall plan scenarios/launch-spike.yaml --candidates scenarios/scaling/*.yaml
  $ squall plan scenarios/launch-spike.yaml --set scaling.auto_scaling_config.scaling_policy.capacity.min_instances=2,4,8
  $ squall plan scenarios/replay-azure.yaml --trace trace.csv --search tiers.yaml --out squall-plans/tiers
  $ squall plan scenarios/launch-spike.yaml --candidates scenarios/scaling/*.yaml --shard 3/8 --out shard-3

Same files and same seed: the same bytes in --json, whatever --workers is.`,
    )
    .action(async (scenario: string, options: PlanOptions) => {
      const { signal } = context.interrupts;
      const shard =
        options.shard === undefined
          ? undefined
          : parseShard(options.shard, context.terminal.env["JOB_COMPLETION_INDEX"]);
      const job = await planJobOf(scenario, { ...options, shard }, signal);
      const progress = startProgress(context.terminal);
      progress.step(`simulating ${path.basename(scenario)}`);
      const plan = await playPlan({
        ...job,
        workers: options.workers ?? availableParallelism(),
        signal,
        onProgress: (stage, done, total) => progress.detail(`${stage}: ${done} of ${total}`),
      });
      if (plan.status === "complete") progress.done();
      else progress.fail();
      context.exit(await presentPlan(context, options, { plan, assessment: assess(plan) }));
    });
}
