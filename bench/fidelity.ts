/**
 * How far simulations are from live runs: `npm run fidelity`, about six minutes; `npm run fidelity -- ten-users replay-x4`
 * runs only those. Prints Markdown, as in docs/fidelity.md, on standard output.
 *
 * Each case is `squall run`, which plays a scenario live and simulates the same beside it. Errors are (simulated - live) /
 * live; targets are those of ARCHITECTURE.md. Engine, gateway and providers share the cores of this machine with everything
 * else that it does: where the engine itself was late, nothing is judged.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Fidelity, FidelityRow } from "../analyzers/fidelity.ts";
import type { GeneratorHealth } from "../core/run.ts";
import { formatError, formatValue } from "../reports/format.ts";

const root = path.join(import.meta.dirname, "..");
const trace = path.join(
  process.env["SQUALL_DATA_DIR"] ?? path.join(root, "../shared/data"),
  "AzureLLMInferenceTrace_conv.csv",
);

interface Case {
  readonly name: string;
  readonly about: string;
  readonly args: readonly string[];
}

const replay = (window: string, timeScale: number, gateway: string): Case => ({
  name: `replay-x${timeScale}${gateway === "portkey" ? "" : `-${gateway}`}`,
  about: `replay-azure, ${window}, time scale ${timeScale}, ${gateway}`,
  args: [
    "scenarios/replay-azure.yaml",
    "--trace",
    trace,
    "--window",
    window,
    "--time-scale",
    String(timeScale),
    "--gateway",
    gateway,
  ],
});

const cases: readonly Case[] = [
  { name: "ten-users", about: "ten-users, portkey", args: ["scenarios/ten-users.yaml"] },
  { name: "steady-open", about: "steady-open, portkey", args: ["scenarios/steady-open.yaml"] },
  replay("0..1m", 1, "portkey"),
  replay("0..1m", 2, "portkey"),
  replay("0..2m", 4, "portkey"),
  replay("0..4m", 8, "portkey"),
  replay("0..5m", 10, "portkey"),
  replay("0..2m", 4, "direct"),
];

/** What is shown of each case. */
const shown: readonly string[] = [
  "ttft.mean",
  "ttft.p95",
  "e2e.mean",
  "e2e.p99",
  "gap-max.mean",
  "outcome.rate-limited",
  "outcome.ok",
  "cost.total",
];

/** What is read of the document that `squall run --json` prints. */
interface Outcome {
  readonly run: { readonly gateway: string; readonly generator?: GeneratorHealth };
  readonly fidelity?: Fidelity;
}

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => cases.every((each) => each.name !== name));
  if (unknown.length > 0) {
    console.error(`no such case: ${unknown.join(", ")}; there are ${cases.map((each) => each.name).join(", ")}`);
    return 2;
  }
  const [first] = cpus();
  console.log(`${cpus().length} x ${first?.model.trim() ?? "unknown CPU"}, Node ${process.version}\n`);
  console.log("| Case | Metric | Live | Simulated | Error | Target | |\n|---|---|---:|---:|---:|---:|---|");
  let failed = 0;
  for (const each of cases) {
    if (names.length > 0 && !names.includes(each.name)) continue;
    if (each.args.includes(trace) && !existsSync(trace)) {
      console.error(`${each.name}: skipped, there is no ${trace} (SQUALL_DATA_DIR says where it is)`);
      continue;
    }
    console.error(`${each.name}: ${each.about} (load average ${(loadavg()[0] ?? 0).toFixed(1)} at its start)`);
    if (!(await compare(each))) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

/** Runs one case and prints its lines; whether there was anything to compare. */
async function compare({ about, args }: Case): Promise<boolean> {
  const child = spawn(process.execPath, ["bin/squall.mjs", "run", ...args, "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = await text(child.stdout);
  if (printed === "") return false;
  const { run, fidelity }: Outcome = JSON.parse(printed);
  if (fidelity === undefined) return false;
  const late = run.generator?.overload ?? "";
  const rows = fidelity.rows.filter(({ metric }) => shown.includes(metric));
  for (const [index, row] of rows.entries()) console.log(`| ${index === 0 ? about : ""} | ${line(row, late !== "")} |`);
  if (late !== "") console.log(`| | not judged: ${late} | | | | | |`);
  return true;
}

function line(row: FidelityRow, isLate: boolean): string {
  const value = (number: number | undefined): string => (number === undefined ? "–" : formatValue(number, row.unit));
  const target = row.target === undefined ? "" : `${row.target * 100} %`;
  const judged = row.within === undefined || isLate ? "" : row.within ? "ok" : "missed";
  return [row.title, value(row.live), value(row.simulated), formatError(row), target, judged].join(" | ");
}
