/** `squall analyze run`: what a run was bound by, who repeated its requests, what its tail waited for, and whether it was steady. */
import { statSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { type RunAnalysis, analyzeRun } from "../../analyzers/run-analysis.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare, plural } from "../../core/units.ts";
import { readRun } from "../../runs/reader.ts";
import type { CommandContext } from "../context.ts";
import { parseSeed } from "../options.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenarioInput } from "../scenario-input.ts";
import { simulateScenario } from "../simulated-run.ts";

interface RunOptions {
  readonly seed?: number;
  readonly json?: boolean;
}

export function analyzeRunCommand({ terminal, interrupts }: CommandContext): Command {
  return new Command("run")
    .description("what bound a run, retry amplification, what its tail waited for, and Little's law")
    .argument("<scenario|folder>", "scenario to simulate, or the folder of a run, live or simulated")
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall analyze run scenarios/launch-day.yaml
  $ squall analyze run squall-runs/mine --json | jq .bound

What requests waited for is known of simulations only.`,
    )
    .action(async (given: string, options: RunOptions) => {
      const file = path.resolve(terminal.cwd, given);
      const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
      const run = isFolder ? await readRun(file) : await simulated(file);
      const analysis = analyzeRun(run);
      terminal.out(options.json === true ? JSON.stringify(analysis) : inWords(analysis));

      async function simulated(scenarioFile: string): Promise<ReturnType<typeof simulateScenario>> {
        const input = await readScenarioInput(scenarioFile, { seed: options.seed }, interrupts.signal);
        const scaling = await readScaling(scenarioFile, input.scenario.platform.scaling, undefined);
        return interrupts.whileBlocking(() => simulateScenario(input, { timeScale: 1, scaling, explain: true }));
      }
    });
}

function inWords({ scenario, bound, scarcities, amplification, slowest, flow }: RunAnalysis): string {
  const boundBy = {
    provider: "the providers: more replicas would not help",
    instance: "the gateway's own copies: more of them would help",
    neither: "neither: nobody refused, and no copy was missing",
  }[bound.by];
  const where = bound.time.map(({ at, share }) => `${at} ${formatShare(share)}`).join(", ");
  return [
    scenario,
    `Bound by ${boundBy}`,
    ...scarcities.map(({ words }) => `  ${words}`),
    where === "" ? "  where the time went, only a simulation knows" : `  where the time went: ${where}`,
    "Retry amplification",
    amplification === null
      ? "  nobody was called"
      : `  ${amplification.callsPerRequest.toFixed(2)} calls to providers per request; ${amplification.clientRetries} by clients' libraries, ${amplification.resends} by people who sent again, ${amplification.gatewayRetries} by the gateway's retries and fallbacks, ${amplification.hedges} second calls`,
    "What the slowest 1 % waited for",
    slowest === null
      ? "  only a simulation knows"
      : `  ${plural(slowest.requests, "request")} of ${formatDuration(slowest.fromMs)} or more: ${slowest.parts.map(({ name, share }) => `${name} ${formatShare(share)}`).join(", ")}`,
    "Little's law",
    `  ${flow === null ? "too few requests to tell" : flowInWords(flow)}`,
  ].join("\n");
}

function flowInWords(flow: NonNullable<RunAnalysis["flow"]>): string {
  const { inFlight, completionsPerS, responseMs, difference, interval, holds } = flow;
  const law = `${inFlight.toFixed(2)} in flight; ${completionsPerS.toFixed(2)}/s of ${formatDuration(responseMs)} make ${((completionsPerS * responseMs) / 1_000).toFixed(2)}`;
  const apart = `apart by ${difference.toFixed(2)} (${interval[0].toFixed(2)} to ${interval[1].toFixed(2)})`;
  return `${law}; ${apart}: ${holds ? "it holds" : difference > 0 ? "it does not hold, the run filled up" : "it does not hold, the run drained"}`;
}
