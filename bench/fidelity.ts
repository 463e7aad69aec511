/**
 * How far simulations are from live runs: `npm run fidelity` plays two gateways under six kinds of trouble at three loads
 * (fidelity/cases.ts), live and simulated, and writes docs/fidelity.md. It takes half an hour at most, on a machine that does
 * nothing else.
 *
 *     npm run fidelity                                all cases, again with other seeds as long as there is time
 *     npm run fidelity -- --minutes 90                more repeats
 *     npm run fidelity -- portkey-steady-60           only this one
 *     npm run fidelity -- --resume                    go on after Ctrl-C: what was measured before counts
 *     npm run fidelity -- --seconds 6 --out /tmp/page.md      a quick look, elsewhere
 *
 * Each case is `squall run`. Engine, gateway and providers share the cores of this machine with everything else that it does:
 * where the engine itself was late, nothing is judged. The page is written after each case.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type Case, matrix, scenarioOf } from "./fidelity/cases.ts";
import { measuredPart, pageWith } from "./fidelity/page.ts";
import { forgetResults, keepResult, readResults, type Result, resultOf, type RunDocument } from "./fidelity/results.ts";

const root = path.join(import.meta.dirname, "..");
/** Start, warm-up, what is still in flight at the end, simulation: what a case takes beside its load at most, seconds. */
const besideLoad: Readonly<Record<string, number>> = { portkey: 15, litellm: 35 };
/** A case that takes so much longer than it should hangs. */
const patience = 3;
const repeatsMax = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "30" },
    seconds: { type: "string", default: "24" },
    out: { type: "string", default: path.join(root, "docs/fidelity.md") },
    results: { type: "string", default: path.join(root, "squall-runs/fidelity.ndjson") },
    resume: { type: "boolean", default: false },
  },
});

interface Measurement {
  readonly cases: readonly Case[];
  readonly seconds: number;
  /** On the clock of `performance`. */
  readonly endsAtMs: number;
  readonly results: string;
  readonly out: string;
  readonly folder: string;
  readonly stop: AbortSignal;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = positionals.filter((name) => matrix.every((each) => each.name !== name));
  const [minutes, seconds] = [Number(values.minutes), Number(values.seconds)];
  if (unknown.length > 0 || !(minutes > 0) || !(seconds >= 1)) {
    console.error(`no such case: ${unknown.join(", ") || "-"}; there are ${matrix.map(({ name }) => name).join(", ")}`);
    console.error("--minutes is the time that all of it may take, --seconds the load of a case, 1 at least");
    return 2;
  }
  const stop = new AbortController();
  process.on("SIGINT", () => stop.abort());
  process.on("SIGTERM", () => stop.abort());
  const folder = mkdtempSync(path.join(tmpdir(), "squall-fidelity-"));
  try {
    if (!values.resume) forgetResults(values.results);
    return await measure({
      cases: matrix.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
      seconds,
      endsAtMs: performance.now() + minutes * 60_000,
      results: values.results,
      out: values.out,
      folder,
      stop: stop.signal,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Case by case, round by round with another seed, as long as the next one fits into the time that is left. */
async function measure(measurement: Measurement): Promise<number> {
  const { cases, results, stop } = measurement;
  let failed = 0;
  for (let seed = 1; seed <= repeatsMax; seed++) {
    for (const [index, each] of cases.entries()) {
      if (readResults(results).some((result) => result.name === each.name && result.seed === seed)) continue;
      if (stop.aborted || !fits(each, measurement)) return ended(measurement, failed);
      const leftMin = (measurement.endsAtMs - performance.now()) / 60_000;
      console.error(
        `round ${seed}, ${index + 1} of ${cases.length}: ${each.name} (${leftMin.toFixed(1)} minutes left)`,
      );
      const result = await play(each, seed, measurement);
      if (stop.aborted) return ended(measurement, failed);
      if (result === undefined) failed += performance.now() < measurement.endsAtMs ? 1 : 0;
      else {
        keepResult(results, result);
        writePage(measurement);
      }
    }
  }
  return ended(measurement, failed);
}

function fits({ gateway }: Case, { seconds, endsAtMs }: Measurement): boolean {
  return performance.now() + (seconds + (besideLoad[gateway] ?? 0)) * 1_000 < endsAtMs;
}

function ended({ results, out, stop }: Measurement, failed: number): number {
  const kept = readResults(results).length;
  console.error(`${kept} runs in ${results}${kept === 0 ? "" : `, the page is ${out}`}`);
  if (failed > 0) console.error(`${failed} cases could not be played; what they said is above`);
  if (stop.aborted) console.error("interrupted; --resume goes on from here");
  return stop.aborted ? 130 : failed === 0 && kept > 0 ? 0 : 1;
}

/** Undefined where there was nothing to compare. */
async function play(each: Case, seed: number, measurement: Measurement): Promise<Result | undefined> {
  const file = path.join(measurement.folder, `${each.name}.yaml`);
  writeFileSync(file, scenarioOf(each, measurement.seconds, seed));
  const patienceMs = patience * (measurement.seconds + (besideLoad[each.gateway] ?? 0)) * 1_000;
  const limitMs = Math.max(1, Math.min(patienceMs, Math.ceil(measurement.endsAtMs - performance.now())));
  const child = spawn(process.execPath, ["bin/squall.mjs", "run", file, "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // Ctrl-C comes to this process alone, which passes it on once
  });
  const limit = AbortSignal.any([AbortSignal.timeout(limitMs), measurement.stop]);
  const end = (): void => void child.kill("SIGINT");
  limit.addEventListener("abort", end, { once: true });
  try {
    const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const result = printed === "" ? undefined : resultOf(each.name, seed, JSON.parse(printed) as RunDocument);
    if (result === undefined && !measurement.stop.aborted) console.error(said.trimEnd());
    return result;
  } finally {
    limit.removeEventListener("abort", end);
  }
}

function writePage({ results, out }: Measurement): void {
  const page = existsSync(out) ? readFileSync(out, "utf8") : "# How far a simulation is from a live run\n";
  mkdirSync(path.dirname(out), { recursive: true });
  writeFileSync(out, pageWith(page, measuredPart(readResults(results), machineInWords())));
}

function machineInWords(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${first?.model.trim() ?? "unknown CPU"}, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}
