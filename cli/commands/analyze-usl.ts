/** `squall analyze usl`: how throughput grows with load, and where it stops growing. */
import { statSync } from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { exitCodes } from "../../core/errors.ts";
import { renderUslPage } from "../../reports/usl/page.ts";
import { renderUsl } from "../../reports/usl/terminal.ts";
import type { UslReport } from "../../reports/usl/words.ts";
import { fitted, type MeasuredPoint, pointOf, simulatedPoints } from "../analyze/usl.ts";
import type { CommandContext } from "../context.ts";
import { readRunsByName } from "../gate-runs.ts";
import { parseCountFrom1, parseSeed } from "../options.ts";
import { writeOutputFile } from "../output-file.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenarioInput } from "../scenario-input.ts";
import { squallVersion } from "../version.ts";

interface UslOptions {
  readonly loads: readonly number[];
  readonly replications: number;
  readonly at: readonly number[];
  readonly seed?: number;
  readonly out?: string;
  readonly json?: boolean;
}

const loadsDefault = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6] as const;
const valuesMax = 40;

export function analyzeUslCommand(context: CommandContext): Command {
  return new Command("usl")
    .description("how throughput grows with load (Universal Scalability Law), with intervals")
    .argument("<scenario|folder>", "scenario to simulate at several loads, or a folder of runs made at several loads")
    .option("--loads <factors>", "multiples of the scenario's load", parseNumbers, loadsDefault)
    .option("--replications <n>", "simulations of each load, each with a seed of its own", parseCountFrom1(20), 2)
    .option(
      "--at <loads>",
      "what it says of so many requests in flight; nothing beyond twice the data",
      parseNumbers,
      [],
    )
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--out <file>", "write a page with a picture")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall analyze usl scenarios/steady-open.yaml
  $ squall analyze usl scenarios/steady-open.yaml --loads 0.5,1,2,4,8,12 --at 50,100 --out usl.html
  $ squall analyze usl squall-runs/steps --json | jq .fit

Loads are requests in flight on average, as measured. Exit code 6 when a load of --at lies beyond twice the data.`,
    )
    .action(async (given: string, options: UslOptions) => {
      const { terminal } = context;
      const file = path.resolve(terminal.cwd, given);
      const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
      const measured = isFolder ? await pointsOfRuns(file) : await pointsOfScenario(file, options, context);
      const { points, title, seed } = measured;
      const fit = fitted(points, seed);
      const report: UslReport = { title, seed, squallVersion: squallVersion(), points, fit, asked: options.at };
      if (options.out !== undefined) {
        await writeOutputFile(path.resolve(terminal.cwd, options.out), await renderUslPage(report));
      }
      terminal.out(options.json === true ? JSON.stringify(uslJson(report)) : renderUsl(report, terminal.width));
      const isBeyond = options.at.some((load) => fit.at(load) === undefined);
      context.exit(isBeyond ? exitCodes.inconclusive : exitCodes.pass);
    });
}

interface Measured {
  readonly points: readonly MeasuredPoint[];
  readonly title: string;
  readonly seed: number;
}

async function pointsOfRuns(folder: string): Promise<Measured> {
  const runs = await readRunsByName(folder);
  const [first] = runs;
  return {
    points: runs.map(({ name, run }) => pointOf(run, name)),
    title: first?.run.manifest.scenario ?? "",
    seed: first?.run.manifest.seed ?? 0,
  };
}

async function pointsOfScenario(
  file: string,
  { loads, replications, seed }: UslOptions,
  { interrupts }: CommandContext,
): Promise<Measured> {
  const input = await readScenarioInput(file, { seed }, interrupts.signal);
  const { scenario } = input;
  const scaling = await readScaling(file, scenario.platform.scaling, undefined);
  const points = interrupts.whileBlocking(() => [...simulatedPoints(input, { factors: loads, replications, scaling })]);
  return { points, title: scenario.name, seed: scenario.seed };
}

/** A peak that there is not, and an end that is open, are null. */
function uslJson({ title, seed, points, fit, asked }: UslReport): object {
  const { gamma, alpha, beta, intervals, peakLoad, peakInterval, rSquared, largestLoad } = fit;
  return {
    scenario: title,
    seed,
    points,
    fit: {
      gamma,
      alpha,
      beta,
      intervals,
      rSquared,
      largestLoad,
      peakLoad: peakLoad ?? null,
      peakInterval: peakInterval.map((end) => (Number.isFinite(end) ? end : null)),
    },
    asked: asked.map((load) => ({ load, throughput: fit.at(load) ?? null, interval: fit.between(load) ?? null })),
  };
}

function parseNumbers(text: string): readonly number[] {
  const values = text.split(",").map(Number);
  if (values.length <= valuesMax && values.every((value) => Number.isFinite(value) && value > 0)) return values;
  throw new InvalidArgumentError(`needed are up to ${valuesMax} numbers above 0, such as 0.5,1,2,4.`);
}
