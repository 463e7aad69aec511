/** `squall export k6` and `squall export k6-operator`: a scenario for people who run k6 themselves, on one machine or on many pods. */
import path from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import type { Ms } from "../../core/time.ts";
import { k6Version } from "../../load/k6/find.ts";
import type { CommandContext } from "../context.ts";
import { k6ProgramFiles, readK6Program } from "../export/k6-input.ts";
import { k6OperatorManifests } from "../export/k6-operator.ts";
import { exportedMock } from "../export/k6-operator-mock.ts";
import { parseCountFrom1, parseSeed, parseTimeScale, parseWindow } from "../options.ts";
import { writeOutputFile } from "../output-file.ts";

interface K6Options {
  readonly trace?: string;
  readonly window?: readonly [Ms, Ms];
  readonly seed?: number;
  readonly timeScale: number;
  readonly vus: number;
}

export function exportK6Command({ terminal, interrupts }: CommandContext): Command {
  return planOptions(new Command("k6"))
    .description("a k6 program and its plan, to be run without Squall")
    .requiredOption("--out <dir>", "folder for the program")
    .action(async (scenario: string, options: K6Options & { readonly out: string }) => {
      const program = await readK6Program(scenario, { ...options, vusMax: options.vus }, interrupts.signal);
      for (const what of program.lost) terminal.err(`squall: not expressed: ${what}`);
      const folder = path.resolve(terminal.cwd, options.out);
      for (const [name, text] of k6ProgramFiles(program)) await writeOutputFile(path.join(folder, name), text);
      terminal.out(
        `k6 run ${path.join(options.out, `${program.name}.ts`)} -e SQUALL_TARGET=http://127.0.0.1:9100/openai/v1`,
      );
    });
}

interface OperatorOptions extends K6Options {
  readonly parallelism: number;
  readonly image: string;
  readonly mockImage: string;
  readonly mock: boolean;
  readonly target?: string;
  readonly name?: string;
  readonly out?: string;
}

export function exportK6OperatorCommand({ terminal, interrupts }: CommandContext): Command {
  return planOptions(new Command("k6-operator"))
    .description("a TestRun of k6-operator: many pods of k6 share the load, beside mocked providers")
    .option("--parallelism <n>", "pods of k6", parseCountFrom1(1_000), 2)
    .option("--target <url>", "base URL of the gateway in the cluster; the mock itself unless given")
    .option("--no-mock", "leave out the mocked providers")
    .option("--image <image>", "image of k6 version 2", `grafana/k6:${k6Version.slice(1)}`)
    .option("--mock-image <image>", "image with squall in it", "squall:latest")
    .option("--name <name>", "name of the TestRun; squall- and the scenario's unless given")
    .option("--out <file>", "write it here instead of standard output")
    .action(async (scenario: string, options: OperatorOptions) => {
      const { parallelism, image } = options;
      const choices = { ...options, vusMax: options.vus * parallelism, instances: parallelism };
      const program = await readK6Program(scenario, choices, interrupts.signal);
      const mock = await exportedMock(scenario, options);
      for (const what of program.lost) terminal.err(`squall: not expressed: ${what}`);
      const manifests = k6OperatorManifests({
        name: options.name ?? `squall-${program.name}`,
        program: `${program.name}.ts`,
        files: k6ProgramFiles(program),
        parallelism,
        image,
        target: options.target,
        mock: options.mock ? mock : undefined,
        apiKey: mock.apiKey,
      });
      const about = [
        "made by squall export k6-operator",
        `then, for each pod: kubectl logs POD > POD.log; squall import k6 ${path.basename(scenario)} *.log --out run`,
        ...program.lost.map((what) => `not expressed: ${what}`),
      ];
      const documents = manifests.map((manifest) => stringify(manifest, { lineWidth: 0 })).join("---\n");
      const text = `${about.map((line) => `# ${line}\n`).join("")}${documents}`;
      if (options.out === undefined) terminal.out(text.trimEnd());
      else await writeOutputFile(path.resolve(terminal.cwd, options.out), text);
    });
}

function planOptions(command: Command): Command {
  return command
    .argument("<scenario>", "scenario file (YAML)")
    .option("--trace <file>", "trace to replay, when the scenario asks for one")
    .option("--window <from..to>", "only this part of the trace, for example 0..5m", parseWindow)
    .option("--time-scale <factor>", "play the scenario's world this many times as fast", parseTimeScale, 1)
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--vus <n>", "virtual users of one k6 at most, in an open phase", parseCountFrom1(10_000), 1_000);
}
