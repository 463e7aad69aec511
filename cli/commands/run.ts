/** `squall run`: a scenario for real, against a real gateway and mocked providers, beside its own simulation. */
import path from "node:path";
import { Command, Option } from "commander";
import type { ExitCode } from "../../core/errors.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import type { CommandContext } from "../context.ts";
import { gatewayDriver, replicaKinds } from "../../gateways/drivers.ts";
import { rehearse } from "../cluster-rehearsal.ts";
import { repeatsMax } from "../gate-runs.ts";
import { type LiveChoices, runAndCompare, type RunOutcome } from "../live-and-simulated.ts";
import { assertRepeatsWritable, playRepeats, presentRepeats } from "../live/repeats.ts";
import { gatewayReadyMs, type Onlooker } from "../live/run.ts";
import { engineNames } from "../load-engine.ts";
import { parseCountFrom1, parsePort, parseSeed, parseTimeScale, parseWait, parseWindow } from "../options.ts";
import { assertOutWritable, type OutputChoices, outputOptions, present } from "../presentation.ts";
import { type Progress, startProgress } from "../progress.ts";
import { type Watch, whileWatched } from "../prometheus/while-watched.ts";
import { whileScraped } from "../run-metrics.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenarioInput, type ScenarioInput } from "../scenario-input.ts";

interface RunOptions extends OutputChoices, Omit<LiveChoices, "scaling"> {
  readonly scaling?: string;
  readonly trace?: string;
  readonly window?: readonly [Ms, Ms];
  readonly seed?: number;
  readonly prices?: string;
  readonly metricsPort?: number;
  readonly metrics: "own" | "prometheus";
  readonly dryRun?: true;
  readonly repeat: number;
}

const examples = `
Examples:
  $ squall run scenarios/ten-users.yaml
  $ squall run scenarios/ten-users.yaml --gateway direct --out squall-runs/direct
  $ squall run scenarios/ten-users.yaml --repeat 5 --out squall-runs/five
  $ squall run scenarios/ten-users.yaml --engine k6 --out squall-runs/k6
  $ squall run scenarios/small-launch.yaml --time-scale 5
  $ squall run scenarios/small-launch.yaml --time-scale 5 --fleet docker
  $ squall run scenarios/small-launch.yaml --time-scale 5 --metrics prometheus
  $ squall run scenarios/replay-azure.yaml --trace trace.csv --window 0..5m --time-scale 10

The providers are Squall's own mocks on this machine: no request leaves it and nothing is billed. A gateway of your own is
reached by its URL; point it at http://127.0.0.1:9100/PROVIDER/v1 and add --mock-port 9100, so that its calls are seen. The
key that it wants goes into SQUALL_GATEWAY_API_KEY. Without a profile nothing is simulated beside it.

k6 is found by K6_BINARY, on PATH or in the cache, or built with Go; the native engine needs neither. See docs/k6.md.`;

export function runCommand(context: CommandContext): Command {
  const command = new Command("run")
    .description("play a scenario for real: real gateway, mocked providers, wall time")
    .argument("<scenario>", "scenario file (YAML)")
    .option(
      "--gateway <name|url>",
      "portkey, litellm, tensorzero, direct (no gateway), or the URL or YAML file of any other; the scenario's own unless given",
    )
    .addOption(new Option("--engine <name>", "load engine").choices(engineNames).default("native"))
    .option("--trace <file>", "trace to replay, when the scenario asks for one")
    .option("--window <from..to>", "only this part of the trace, for example 0..5m", parseWindow)
    .option("--time-scale <factor>", "play the scenario's world this many times as fast", parseTimeScale, 1)
    .option("--prices <file>", "prices in LiteLLM's format, in place of the scenario's file")
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option(
      "--scaling <file>",
      "scaling config of any tool (HPA, KEDA, AWS, Azure, ...) that moves the replicas, in place of the scenario's own",
    )
    .addOption(
      new Option("--fleet <kind>", "what copies of the gateway are: processes, or containers of Docker").choices(
        replicaKinds,
      ),
    )
    .option("--no-fleet", "one process of the gateway, whatever the scenario says of replicas, scaling and events")
    .option("--dry-run", "show what the events would do to a cluster, have it checked there, change and send nothing")
    .option(
      "--repeat <n>",
      "play it so often, each time with another seed, and say how sure the error between live and simulated is",
      parseCountFrom1(repeatsMax),
      1,
    )
    .option("--no-simulation", "do not simulate the same scenario beside it")
    .option("--mock-port <number>", "port of the mock providers, for a gateway that you pointed at them", parsePort, 0)
    .option("--metrics-port <number>", "let a Prometheus of yours scrape the run here, on this machine only", parsePort)
    .addOption(
      new Option(
        "--metrics <source>",
        "what scales and alerts measures: own samples, or a real Prometheus, started for the run",
      )
        .choices(["own", "prometheus"])
        .default("own")
        .conflicts("metricsPort"),
    )
    .addOption(
      new Option("--ready-timeout <duration>", "how long the gateway may take to become ready")
        .argParser(parseWait)
        .default(gatewayReadyMs, formatDuration(gatewayReadyMs)),
    );
  return outputOptions(command)
    .addHelpText("after", examples)
    .action(async (scenario: string, options: RunOptions) =>
      context.exit(await runScenario(scenario, options, context)),
    );
}

async function runScenario(file: string, options: RunOptions, context: CommandContext): Promise<ExitCode> {
  const { signal } = context.interrupts;
  const input = await readScenarioInput(file, options, signal);
  const { scenario } = input;
  if (options.dryRun === true) {
    const driver = gatewayDriver(options.gateway ?? scenario.platform.gateway);
    return await rehearse({ scenario, driver, tell: (line) => context.terminal.out(line), signal });
  }
  const { repeat } = options;
  if (repeat === 1) await assertOutWritable(context, options);
  else await assertRepeatsWritable(context, options, repeat);
  const scaling = await readScaling(file, scenario.platform.scaling, options.scaling);
  const progress = startProgress(context.terminal);
  const playOnce = (each: ScenarioInput): Promise<RunOutcome> => {
    const play = (onlooker?: Onlooker, watch?: Watch): Promise<RunOutcome> =>
      runAndCompare(each, { ...options, scaling, onlooker, watch }, context, progress);
    return played(each, options, play, context, progress);
  };
  if (repeat === 1) return await present(context, options, await playOnce(input));
  const out = options.out === undefined ? undefined : path.resolve(context.terminal.cwd, options.out);
  return await presentRepeats(context, options, await playRepeats(input, repeat, playOnce, { out, progress, signal }));
}

/** With whoever is to see it: nobody, a Prometheus of the user's, or one of ours. */
async function played(
  { scenario, alerts }: ScenarioInput,
  { metrics, metricsPort, timeScale, readyTimeout: readyTimeoutMs }: RunOptions,
  play: (onlooker?: Onlooker, watch?: Watch) => Promise<RunOutcome>,
  { terminal, interrupts }: CommandContext,
  progress: Progress,
): Promise<RunOutcome> {
  const tell = (text: string): void => progress.note(text);
  if (metricsPort !== undefined)
    return await whileScraped(scenario, metricsPort, (url) => tell(`metrics at ${url}`), play);
  if (metrics === "own") return await play();
  const { env } = terminal;
  const watching = { scenario, alerts, timeScale, readyTimeoutMs, env, tell, signal: interrupts.signal };
  return await whileWatched(watching, (watch) => play(watch.onlooker, watch));
}
