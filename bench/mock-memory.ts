/**
 * What the mock holds in memory after a million calls: resident set and heap (after a collection) at every tenth of them. The
 * journal keeps 200,000 calls, so both grow until then and are flat afterwards.
 *
 *     node bench/mock-memory.ts [calls]
 */
import { pathToFileURL } from "node:url";
import { measure, nextMessage, start, startServer } from "./mock-throughput.ts";
import type { ServerReport } from "./mock-servers.ts";

const secondsPerStep = 2;

async function main(calls: number): Promise<void> {
  const server = await startServer("mock");
  const load = start("mock-load.ts", []);
  let answered = 0;
  let mark = 0;
  const marks: ServerReport[] = [];
  while (answered < calls) {
    answered += (await measure(load, server, secondsPerStep)).answered;
    if (answered < mark) continue;
    server.child.send("collect");
    const report = (await nextMessage(server.child)) as ServerReport;
    marks.push(report);
    console.log(
      `${String(answered).padStart(9)} calls  ${megabytes(report.rssBytes)} resident  ${megabytes(report.heapBytes)} heap`,
    );
    mark += calls / 10;
  }
  const [half, last] = [marks[marks.length >> 1], marks.at(-1)];
  if (half !== undefined && last !== undefined) {
    console.log(`heap at the end / at half time  ${(last.heapBytes / half.heapBytes).toFixed(2)} (flat: 1.00)`);
  }
  for (const child of [server.child, load]) child.kill();
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0).padStart(5)} MB`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(Number(process.argv[2] ?? 1_000_000));
