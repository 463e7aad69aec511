/**
 * How fast the mock answers: non-streamed completions per second against a bare `node:http` server that parses the same JSON
 * and answers the same bytes, in the same run. Quota, ledger, journal and metrics are on; planned latency is 0.
 *
 * Each server has a process of its own and so does the load (kept-alive connections without pipelining). Rounds alternate, so
 * that a busy machine slows both. The ratio of requests per CPU second is the one to look at: it does not change when
 * other processes take the core away.
 *
 *     node bench/mock-throughput.ts [seconds per round] [rounds]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import type { LoadOrder, LoadReport } from "./mock-load.ts";
import type { ServerReport } from "./mock-servers.ts";

const connections = 32;

interface Round {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function main(seconds: number, rounds: number): Promise<void> {
  const mock = await startServer("mock");
  const bare = await startServer("bare");
  const load = start("mock-load.ts", []);
  const measured = { mock: [] as Round[], bare: [] as Round[] };
  for (let round = 0; round <= rounds; round++) {
    for (const server of [mock, bare]) {
      const result = await measure(load, server, seconds);
      if (round > 0) measured[server.role].push(result); // the first round warms up
    }
  }
  for (const child of [mock.child, bare.child, load]) child.kill();
  report(measured.bare, measured.mock);
}

interface StartedServer {
  readonly role: "mock" | "bare";
  readonly child: ChildProcess;
  readonly port: number;
}

async function startServer(role: StartedServer["role"]): Promise<StartedServer> {
  const child = start("mock-servers.ts", [role]);
  const { port } = (await nextMessage(child)) as { readonly port: number };
  return { role, child, port };
}

async function measure(load: ChildProcess, server: StartedServer, seconds: number): Promise<Round> {
  const before = await serverReport(server.child);
  const order: LoadOrder = { port: server.port, connections, seconds };
  load.send(order);
  const { answered, failed, wallMs } = (await nextMessage(load)) as LoadReport;
  if (failed > 0) throw new Error(`${failed} answers of the ${server.role} server were not 200`);
  const after = await serverReport(server.child);
  return { perSecond: (answered / wallMs) * 1e3, perCpuSecond: (answered / (after.cpuMs - before.cpuMs)) * 1e3 };
}

async function serverReport(child: ChildProcess): Promise<ServerReport> {
  child.send("report");
  return (await nextMessage(child)) as ServerReport;
}

function start(file: string, args: readonly string[]): ChildProcess {
  return fork(new URL(file, import.meta.url), args, { stdio: "inherit" });
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, "message");
  return message;
}

function report(bare: readonly Round[], mock: readonly Round[]): void {
  const share = (of: (round: Round) => number): number => median(mock.map(of)) / median(bare.map(of));
  const line = (name: string, rounds: readonly Round[]): string =>
    `${name}  ${perSecond(rounds, (round) => round.perSecond)} req/s  ${perSecond(rounds, (round) => round.perCpuSecond)} req per CPU second`;
  console.log(line("bare node:http", bare));
  console.log(line("squall mock   ", mock));
  console.log(
    `mock / bare     ${share((round) => round.perSecond).toFixed(2)} by wall time, ${share((round) => round.perCpuSecond).toFixed(2)} by CPU time (target 0.75)`,
  );
}

function perSecond(rounds: readonly Round[], of: (round: Round) => number): string {
  return String(Math.round(median(rounds.map(of)))).padStart(7);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(Number(process.argv[2] ?? 3), Number(process.argv[3] ?? 3));
}
