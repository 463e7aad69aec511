/**
 * `npm run bench`: what Squall measures of itself, each as a ratio against a peer or a bound in the same run.
 *
 * `npm run bench` runs all of them, one after the other (about five minutes on two cores); `npm run bench -- simulator` runs
 * one. Numbers depend on the machine and on what else it does, ratios much less; the machine is printed with them.
 */
import { spawn } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";

const benchmarks: Readonly<Record<string, { readonly file: string; readonly about: string }>> = {
  "mock-throughput": { file: "mock-throughput.ts", about: "mock, not streamed: share of a bare node:http server" },
  "mock-memory": { file: "mock-memory.ts", about: "mock: memory over a million calls" },
  "mock-streams": { file: "mock-streams.ts", about: "mock, streamed: lateness and gaps of 1,000 and 5,000 streams" },
  simulator: { file: "simulator.ts", about: "simulated requests per second, and memory against run length" },
  "limits-live": { file: "limits-live.ts", about: "ten minutes at three times the quota: live, simulated, limit" },
  sweep: { file: "sweep.ts", about: "200 candidates over an hour of real traffic, on 1 and more worker threads" },
  presets: { file: "presets.ts", about: "every scaling preset under an hour of real traffic (virtual time)" },
  "gate-demonstration": {
    file: "gate-demonstration.ts",
    about: "twelve changes to a gateway: which does the gate catch",
  },
  "load-rate": { file: "load-rate.ts", about: "native load engine: rate, and lateness of sends" },
};

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
  if (unknown.length > 0) {
    console.error(`no such benchmark: ${unknown.join(", ")}; there are ${Object.keys(benchmarks).join(", ")}`);
    return 2;
  }
  const [first] = cpus();
  console.log(`${cpus().length} x ${first?.model.trim() ?? "unknown CPU"}, Node ${process.version}`);
  let failed = 0;
  for (const [name, { file, about }] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n== ${name}: ${about} (load average ${(loadavg()[0] ?? 0).toFixed(1)} at its start)`);
    if ((await run(file)) !== 0) failed++;
  }
  return failed === 0 ? 0 : 1;
}

async function run(file: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], { stdio: "inherit" });
  child.once("error", () => resolve(1));
  child.once("close", (code) => resolve(code ?? 1));
  return await promise;
}
