/**
 * Measures what Portkey itself costs, as a profile for the simulator: `node bench/calibrate-portkey.ts`, about a minute.
 *
 * One client and one upstream, both in this process, stand on either side of the real gateway at light load (about a
 * fifth of its event loop), because that is where added latency is decided; a saturated Portkey does the same work in
 * about 60 % of the time. CPU is what the operating system counted for the gateway's process, its idle use taken off:
 *
 *   non-streamed request   requestCpuMs + endCpuMs
 *   stream of n chunks     requestCpuMs + endCpuMs + n x chunkCpuMs     (least squares over n)
 *
 * The first sum is divided in proportion to the times from client to upstream and from upstream back to the client. What
 * is left of the round trip is networkMs. The wait before the first chunk is the time it takes to come through, less its
 * own CPU and half of the network.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { linearRegression, mean, median } from "simple-statistics";
import { Agent, request } from "undici";
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import { cacheFolder } from "../gateways/cache.ts";
import type { GatewayCall, RunningGateway } from "../gateways/driver.ts";
import { portkeyDriver } from "../gateways/portkey/driver.ts";

const rounds = 5;
const requestsPerRound = 200;
const pauseMs: Ms = 10;
const streamsPerRound = 30;
const streamsAtOnce = 5;
const chunksPerStream: readonly number[] = [1, 25, 50, 100];
const chunkGapMs: Ms = 10;
const warmUpRequests = 600;
const warmUpStreams = 100;
const idleForMs: Ms = 5_000;

const model = "gpt-4o-mini";
const promptText = "word ".repeat(400);
const answerText = "word ".repeat(100);

/** When the upstream saw the latest request, and when it began to answer it. */
const upstreamTimes = { seenAtMs: 0, answeredAtMs: 0 };
const agent = new Agent({ keepAliveTimeout: 4_000 });

interface Passage {
  readonly toUpstreamMs: Ms;
  readonly toClientMs: Ms;
  readonly roundTripMs: Ms;
}

const upstream = await startUpstream();
const gateway = await startGateway(upstream.port);
try {
  await calibrate(gateway);
} finally {
  await gateway.stop(1_000);
  await agent.close();
  upstream.server.closeAllConnections();
  upstream.server.close();
}

async function calibrate(running: RunningGateway): Promise<void> {
  const call = running.call(model);
  console.log(`${running.description} on Node ${process.version}: warming up`);
  for (let index = 0; index < warmUpRequests; index++) await pass(call, 0);
  await playStreams(call, 20, warmUpStreams);
  await sleep(1_000);
  const idle = await cpuOf(running, 0, () => sleep(idleForMs));

  const requestCpuMs: number[] = [];
  const passages: Passage[] = [];
  const streamPoints: [number, number][] = [];
  const firstChunks: Passage[] = [];
  for (let round = 1; round <= rounds; round++) {
    const requests = await cpuOf(running, idle.perWallMs, async () => {
      for (let index = 0; index < requestsPerRound; index++) {
        passages.push(await pass(call, 0));
        await sleep(pauseMs);
      }
    });
    requestCpuMs.push(requests.cpuMs / requestsPerRound);
    for (const chunks of chunksPerStream) {
      const streams = await cpuOf(running, idle.perWallMs, () => playStreams(call, chunks, streamsPerRound));
      streamPoints.push([chunks, streams.cpuMs / streamsPerRound]);
    }
    for (let index = 0; index < 10; index++) firstChunks.push(await pass(call, 1));
    console.log(`round ${round}: ${rounded(requestCpuMs.at(-1) ?? 0)} ms CPU per non-streamed request`);
  }
  report(running, { requestCpuMs, passages, streamPoints, firstChunks });
}

interface Measured {
  readonly requestCpuMs: readonly number[];
  readonly passages: readonly Passage[];
  readonly streamPoints: [number, number][];
  readonly firstChunks: readonly Passage[];
}

function report(running: RunningGateway, measured: Measured): void {
  const cpuMs = median([...measured.requestCpuMs]);
  const line = linearRegression(measured.streamPoints);
  const toUpstreamMs = median(measured.passages.map((each) => each.toUpstreamMs));
  const toClientMs = median(measured.passages.map((each) => each.toClientMs));
  const roundTripMs = median(measured.passages.map((each) => each.roundTripMs));
  const firstChunkMs = median(measured.firstChunks.map((each) => each.toClientMs));
  const requestShare = toUpstreamMs / (toUpstreamMs + toClientMs);
  const networkMs = Math.max(0, roundTripMs - cpuMs);
  for (const chunks of chunksPerStream) {
    const points = measured.streamPoints.filter(([count]) => count === chunks).map(([, cpu]) => cpu);
    console.log(`stream of ${chunks}: ${points.map(rounded).join(" ")} ms CPU, mean ${rounded(mean(points))}`);
  }
  console.log(`stream of n: ${rounded(line.b)} + n x ${rounded(line.m)} ms CPU`);
  console.log(`round trip ${rounded(roundTripMs)}: out ${rounded(toUpstreamMs)}, back ${rounded(toClientMs)} ms`);
  console.log(`first chunk came through in ${rounded(firstChunkMs)} ms`);
  const profile = {
    gateway: running.description,
    requestCpuMs: rounded(cpuMs * requestShare),
    chunkCpuMs: rounded(line.m),
    endCpuMs: rounded(cpuMs * (1 - requestShare)),
    firstChunkDelayMs: rounded(firstChunkMs - line.m - networkMs / 2),
    networkMs: rounded(networkMs),
  };
  console.log(JSON.stringify(profile, null, 2));
}

/** CPU of the gateway while `work` runs, less what it would have used idle. */
async function cpuOf(
  running: RunningGateway,
  idlePerWallMs: number,
  work: () => Promise<void>,
): Promise<{ readonly cpuMs: Ms; readonly perWallMs: number }> {
  const before = await running.usage();
  const startedAtMs = performance.now();
  await work();
  const wallMs = performance.now() - startedAtMs;
  const after = await running.usage();
  invariant(before !== undefined && after !== undefined, "this system does not tell what a process uses");
  const cpuMs = (after.cpuSeconds - before.cpuSeconds) * 1_000 - idlePerWallMs * wallMs;
  return { cpuMs, perWallMs: cpuMs / wallMs };
}

/** So many streams, a few at a time, never in step. */
async function playStreams(call: GatewayCall, chunks: number, count: number): Promise<void> {
  const player = async (index: number): Promise<void> => {
    await sleep((index * chunkGapMs) / streamsAtOnce);
    for (let played = index; played < count; played += streamsAtOnce) await pass(call, chunks);
  };
  await Promise.all(Array.from({ length: streamsAtOnce }, (_, index) => player(index)));
}

/** One request: streamed in so many chunks, or not streamed when there are none. */
async function pass(call: GatewayCall, chunks: number): Promise<Passage> {
  const startedAtMs = performance.now();
  const messages = [{ role: "user", content: promptText }];
  const response = await request(call.url, {
    method: "POST",
    dispatcher: agent,
    headers: { ...call.headers, "content-type": "application/json" },
    body: JSON.stringify({ model, messages, stream: chunks > 0, max_tokens: Math.max(1, chunks) }),
  });
  invariant(response.statusCode === 200, `the gateway answered ${response.statusCode}`);
  let firstAtMs: Ms | undefined;
  for await (const _ of response.body) firstAtMs ??= performance.now();
  const endedAtMs = performance.now();
  return {
    toUpstreamMs: upstreamTimes.seenAtMs - startedAtMs,
    toClientMs: (firstAtMs ?? endedAtMs) - upstreamTimes.answeredAtMs,
    roundTripMs: endedAtMs - startedAtMs,
  };
}

async function startGateway(upstreamPort: number): Promise<RunningGateway> {
  const provider = {
    name: "upstream",
    dialect: "openai",
    baseUrl: `http://127.0.0.1:${upstreamPort}/v1`,
    apiKey: "key",
  };
  return await portkeyDriver.start({
    policy: { routes: [{ model, providers: [provider] }], retries: 0, retryOn: [], requestTimeoutMs: undefined },
    port: 0,
    cacheDir: cacheFolder(process.env),
    readyTimeoutMs: 30_000,
    onProgress: (text) => console.log(text),
    signal: new AbortController().signal,
  });
}

async function startUpstream(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  invariant(typeof address === "object" && address !== null, "the upstream listens on TCP");
  return { server, port: address.port };
}

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  upstreamTimes.seenAtMs = performance.now();
  let text = "";
  for await (const part of incoming.setEncoding("utf8")) text += String(part);
  const ask: { readonly stream: boolean; readonly max_tokens: number } = JSON.parse(text);
  if (ask.stream) await answerStream(response, ask.max_tokens);
  else answerWhole(response);
}

function answerWhole(response: ServerResponse): void {
  const message = { role: "assistant", content: answerText };
  upstreamTimes.answeredAtMs = performance.now();
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(completion("chat.completion", { message, finish_reason: "stop" })));
}

async function answerStream(response: ServerResponse, chunks: number): Promise<void> {
  const startedAtMs = performance.now();
  upstreamTimes.answeredAtMs = startedAtMs;
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let index = 0; index < chunks; index++) {
    const dueInMs = startedAtMs + index * chunkGapMs - performance.now();
    if (dueInMs > 0) await sleep(dueInMs);
    response.write(event({ delta: { content: " word" }, finish_reason: null }));
  }
  response.end(`${event({ delta: {}, finish_reason: "stop" })}data: [DONE]\n\n`);
}

function event(choice: object): string {
  return `data: ${JSON.stringify(completion("chat.completion.chunk", choice))}\n\n`;
}

function completion(object: string, choice: object): object {
  const usage = { prompt_tokens: 400, completion_tokens: 100, total_tokens: 500 };
  return { id: "chatcmpl-calibrate", object, created: 1, model, choices: [{ index: 0, ...choice }], usage };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
