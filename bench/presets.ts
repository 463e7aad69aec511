/**
 * Every scaling preset under an hour of real traffic, Azure's and Mooncake's: how many requests failed, how long people waited,
 * how often the fleet was changed and changed back, and what its replicas cost. In virtual time, so the figures are the same
 * on any machine; docs/scaling.md has them.
 *
 * Run: npm run bench -- presets. Without the traces (SQUALL_DATA_DIR) nothing is measured.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { replicaCostOf } from "../analyzers/cost.ts";
import { errorShare } from "../analyzers/errors.ts";
import { flappingOf } from "../analyzers/flapping.ts";
import { latencies } from "../analyzers/latency.ts";
import { percentile } from "../analyzers/percentile.ts";
import { recordsOf } from "../analyzers/phases.ts";
import { scalingFrom } from "../cli/scaling-input.ts";
import { readScenarioInput, type ScenarioInput } from "../cli/scenario-input.ts";
import { simulateScenario } from "../cli/simulated-run.ts";
import { formatMoney } from "../core/money.ts";
import { formatDuration } from "../core/time.ts";
import { formatShare } from "../core/units.ts";

const scenarios = path.join(import.meta.dirname, "../scenarios");
const presets = path.join(scenarios, "scaling/presets");
const dataFolder = process.env["SQUALL_DATA_DIR"] ?? path.join(import.meta.dirname, "../../shared/data");
const traces = [
  { title: "Azure", file: "AzureLLMInferenceTrace_conv.csv" },
  { title: "Mooncake", file: "mooncake_conversation_trace.jsonl" },
] as const;
const { signal } = new AbortController();

for (const { title, file } of traces) {
  const trace = path.join(dataFolder, file);
  if (!existsSync(trace)) {
    console.log(`nothing measured: ${trace} is not there (set SQUALL_DATA_DIR)`);
    continue;
  }
  const input = await readScenarioInput(path.join(scenarios, "replay-fleet.yaml"), { trace }, signal);
  console.log(
    `\n| ${title} | failed | p95 to first token | most replicas | mean | changes | reversals | replicas cost |`,
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const preset of readdirSync(presets).toSorted()) console.log(rowOf(input, preset));
}

function rowOf(input: ScenarioInput, preset: string): string {
  const scaling = scalingFrom(readFileSync(path.join(presets, preset), "utf8"), preset);
  const run = simulateScenario(input, { timeScale: 1, scaling });
  const records = recordsOf(run, "load");
  const flapping = flappingOf(run);
  const p95 = percentile(latencies(records, "ttft"), 0.95);
  const cells = [
    `\`${preset}\``,
    formatShare(errorShare(records).share ?? 0),
    p95 === undefined ? "–" : formatDuration(p95),
    flapping?.readyMax ?? "–",
    flapping?.readyMean.toFixed(1) ?? "–",
    flapping?.changes.length ?? "–",
    flapping?.reversals.length ?? "–",
    formatMoney(replicaCostOf(run)?.total ?? 0),
  ];
  return `| ${cells.join(" | ")} |`;
}
