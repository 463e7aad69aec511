/** `squall export`: what Squall knows, as files of other tools. */
import path from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import { hpaOf } from "../../behavior/scaling/export/hpa-of.ts";
import { kedaOf } from "../../behavior/scaling/export/keda-of.ts";
import { hpaManifest, type Scaled, scaledObjectManifest } from "../../behavior/scaling/export/manifests.ts";
import type { ScalingSpec } from "../../behavior/scaling/formats/loaded.ts";
import type { CommandContext } from "../context.ts";
import { exportChaosToolkitCommand } from "./export-chaostoolkit.ts";
import { readIndexedJob } from "../export/indexed-job-input.ts";
import { indexedJobManifests } from "../export/indexed-job.ts";
import { readExportedScaling } from "../export/scaling-spec.ts";
import { parseCountFrom1 } from "../options.ts";
import { writeOutputFile } from "../output-file.ts";
import { exportGrafanaCommand } from "./export-grafana.ts";
import { exportK6Command, exportK6OperatorCommand } from "./export-k6.ts";
import { exportPrometheusCommand } from "./export-prometheus.ts";
import { exportOpenSloCommand } from "./openslo.ts";

interface ScalingOptions extends Scaled {
  readonly scaling?: string;
  readonly out?: string;
}

interface JobOptions {
  readonly shards: number;
  readonly parallelism?: number;
  readonly image: string;
  readonly claim: string;
  readonly name?: string;
  readonly candidates?: readonly string[];
  readonly search?: string;
  readonly replications?: string;
  readonly out?: string;
}

export function exportCommand(context: CommandContext): Command {
  return new Command("export")
    .description(
      "write files of other tools: HPA, KEDA, a plan as a Kubernetes Job, alerts for Prometheus, a dashboard, OpenSLO",
    )
    .addCommand(scalingCommand(context, "hpa", "the scaling policy as a HorizontalPodAutoscaler", hpaText))
    .addCommand(scalingCommand(context, "keda", "the scaling policy as a KEDA ScaledObject", kedaText))
    .addCommand(indexedJobCommand(context))
    .addCommand(exportChaosToolkitCommand(context))
    .addCommand(exportK6Command(context))
    .addCommand(exportK6OperatorCommand(context))
    .addCommand(exportPrometheusCommand(context))
    .addCommand(exportGrafanaCommand(context))
    .addCommand(exportOpenSloCommand(context))
    .addHelpText(
      "after",
      `
Examples:
  $ squall export hpa scenarios/launch-spike.yaml > hpa.yaml
  $ squall export keda scenarios/launch-spike.yaml --scaling scenarios/scaling/token-hpa.yaml --deployment gateway
  $ squall export prometheus scenarios/launch-day.yaml --out monitoring
  $ squall export grafana scenarios/launch-day.yaml --out dashboard.json
  $ squall export indexed-job scenarios/launch-spike.yaml --candidates scenarios/scaling/*.yaml --shards 8 | kubectl apply -f -
  $ squall export k6 scenarios/ten-users.yaml --out k6
  $ squall export k6-operator scenarios/steady-open.yaml --parallelism 4 | kubectl apply -f -

What another tool cannot express stands at the top of the file, and on standard error.`,
    );
}

interface Exported {
  readonly manifest: object;
  readonly lost: readonly string[];
}

function hpaText(scaling: ScalingSpec, scaled: Scaled): Exported {
  const { spec, lost } = hpaOf(scaling);
  return { manifest: hpaManifest(spec, scaled), lost };
}

function kedaText(scaling: ScalingSpec, scaled: Scaled): Exported {
  const { spec, lost } = kedaOf(scaling);
  return { manifest: scaledObjectManifest(spec, scaled), lost };
}

function scalingCommand(
  { terminal }: CommandContext,
  name: string,
  about: string,
  exported: (scaling: ScalingSpec, scaled: Scaled) => Exported,
): Command {
  return new Command(name)
    .description(about)
    .argument("<scenario>", "scenario file (YAML)")
    .option("--scaling <file>", "scaling config, in place of the scenario's own")
    .option("--deployment <name>", "Deployment that is scaled", "gateway")
    .option("--prometheus <url>", "where KEDA asks for metrics", "http://prometheus.monitoring.svc:9090")
    .option("--out <file>", "write it here instead of standard output")
    .action(async (scenario: string, options: ScalingOptions) => {
      const { spec, file } = await readExportedScaling(scenario, options.scaling);
      const { manifest, lost } = exported(spec, options);
      for (const what of lost) terminal.err(`squall: not expressed: ${what}`);
      await written(
        terminal,
        options.out,
        [`made by squall export ${name} from ${file}`, ...lost.map((what) => `not expressed: ${what}`)],
        [manifest],
      );
    });
}

function indexedJobCommand({ terminal }: CommandContext): Command {
  return new Command("indexed-job")
    .description("a plan as a Kubernetes Indexed Job: each pod plays one shard")
    .argument("<scenario>", "scenario file (YAML)")
    .requiredOption("--shards <n>", "pods in all", parseCountFrom1(10_000))
    .option("--parallelism <n>", "pods at one time; all of them unless given", parseCountFrom1(10_000))
    .option("--candidates <files...>", "scaling configs of any tool, each a candidate")
    .option("--search <file>", "fields to vary (YAML)")
    .option("--replications <n>", "simulations of each candidate")
    .option("--image <image>", "container image with squall in it", "squall:latest")
    .option("--claim <name>", "claim of a volume that all pods can write", "squall-results")
    .option("--name <name>", "name of the Job; squall- and the scenario's unless given")
    .option("--out <file>", "write it here instead of standard output")
    .action(async (scenario: string, options: JobOptions) => {
      const manifests = indexedJobManifests(await readIndexedJob(scenario, options));
      const about = ["made by squall export indexed-job", "then: squall merge /results/shard-* --out plan"];
      await written(terminal, options.out, about, manifests);
    });
}

/** YAML documents under a few lines of comment. */
async function written(
  terminal: CommandContext["terminal"],
  out: string | undefined,
  about: readonly string[],
  manifests: readonly object[],
): Promise<void> {
  const documents = manifests.map((manifest) => stringify(manifest, { lineWidth: 0 })).join("---\n");
  const text = `${about.map((line) => `# ${line}\n`).join("")}${documents}`;
  if (out === undefined) terminal.out(text.trimEnd());
  else await writeOutputFile(path.resolve(terminal.cwd, out), text);
}
