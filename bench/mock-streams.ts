/**
 * How true the mock's streams are to their plan: the gaps between events as clients of many concurrent streams see them, as a
 * share of the planned gaps, and the lateness that the mock itself measures.
 *
 * The mock and its clients have a process each. The slower pace of the largest crowd is what one core can write: an event
 * is a system call.
 *
 *     node bench/mock-streams.ts [seconds per stream]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { ServerReport } from "./mock-servers.ts";
import type { StreamOrder, StreamReport } from "./mock-stream-load.ts";

interface Run {
  readonly streams: number;
  /** Of GPT-4o mini's profile: 77 tokens per second, one per event, differing from stream to stream. */
  readonly latencyScale: number;
}

const runs: readonly Run[] = [
  { streams: 100, latencyScale: 1 },
  { streams: 1_000, latencyScale: 2 },
  { streams: 5_000, latencyScale: 20 },
];

/** Median planned gap at scale 1, for the length of streams. */
const gapMs = 1e3 / 77;

async function main(seconds: number): Promise<void> {
  console.log("streams  planned gap  measured/planned  lateness p99  events/s  mock CPU");
  for (const run of runs) {
    const mock = start("mock-servers.ts", ["mock", String(run.latencyScale)]);
    const load = start("mock-stream-load.ts", []);
    const { port } = (await nextMessage(mock)) as { readonly port: number };
    const cpuBeforeMs = await cpuMs(mock);
    const events = Math.ceil((seconds * 1e3) / (gapMs * run.latencyScale));
    const order: StreamOrder = { port, ...run, events, spreadMs: 2_000 };
    load.send(order);
    const report = (await nextMessage(load)) as StreamReport;
    say(run, report, await latenessP99(port), (await cpuMs(mock)) - cpuBeforeMs);
    for (const child of [mock, load]) child.kill();
  }
}

function say({ streams }: Run, report: StreamReport, lateP99: string, mockCpuMs: number): void {
  const columns = [
    String(streams).padStart(7),
    `${report.plannedGapMedianMs.toFixed(1)} ms`.padStart(12),
    report.gapShareMedian.toFixed(3).padStart(17),
    lateP99.padStart(13),
    String(Math.round(report.events / (report.wallMs / 1e3))).padStart(9),
    `${Math.round((mockCpuMs / report.wallMs) * 100)} %`.padStart(9),
  ];
  console.log(columns.join(" "));
  if (report.broken > 0) console.log(`${String(report.broken).padStart(7)} streams did not arrive whole`);
}

/** The mock's own histogram: the first bucket that holds 99 % of all events. */
async function latenessP99(port: number): Promise<string> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const buckets = [...text.matchAll(/^squall_mock_stream_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)];
  const total = Number(buckets.at(-1)?.[2] ?? 0);
  const bound = buckets.find(([, , count]) => Number(count) >= 0.99 * total)?.[1];
  return bound === undefined || bound === "+Inf" ? "over 1 s" : `<= ${Number(bound) * 1e3} ms`;
}

async function cpuMs(mock: ChildProcess): Promise<number> {
  mock.send("report");
  return ((await nextMessage(mock)) as ServerReport).cpuMs;
}

function start(file: string, args: readonly string[]): ChildProcess {
  return fork(new URL(file, import.meta.url), args, { stdio: "inherit" });
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, "message");
  return message;
}

await main(Number(process.argv[2] ?? 8));
