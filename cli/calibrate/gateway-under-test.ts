/**
 * A real gateway between a client and an upstream that both stand in this process, so that what it costs and how long it takes
 * can be told to the microsecond.
 */
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { environmentNotReady } from "../../core/errors.ts";
import { invariant } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";
import type { GatewayDriver, RunningGateway, UpstreamProvider } from "../../gateways/driver.ts";

/** How the upstream answers one request. */
export interface Ask {
  /** The answer begins after this long. */
  readonly afterMs?: Ms;
  /** Streamed in so many writes of so many chunks each; not streamed when absent. */
  readonly writes?: number;
  readonly chunksPerWrite?: number;
}

/** When things happened to one request. */
export interface Passage {
  readonly toUpstreamMs: Ms;
  readonly toClientMs: Ms;
  readonly roundTripMs: Ms;
}

export interface GatewayUnderTest {
  readonly description: string;
  /** Sends one request and takes its answer. */
  readonly pass: (ask: Ask) => Promise<Passage>;
  /**
   * CPU time of the gateway so far. Of Portkey that of its event loop, the main thread: garbage collection and compilation run
   * beside it. Of others that of all threads.
   */
  readonly loopCpuMs: () => Promise<Ms>;
  readonly rssBytes: () => Promise<number>;
  /** From the start to readiness, its installation left out. */
  readonly startUpMs: Ms;
  readonly stop: () => Promise<void>;
}

export interface TestChoices {
  readonly driver: GatewayDriver;
  readonly cacheDir: string;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Between two writes of a stream. */
export const writeGapMs: Ms = 10;

const streamEnd = "data: [DONE]\n\n";
const model = "gpt-4o-mini";
const promptText = "word ".repeat(400);
const answerText = "word ".repeat(100);

/** `nodeOptions`: for the gateway's process, where that is one of Node. */
export async function startGatewayUnderTest(choices: TestChoices, nodeOptions = ""): Promise<GatewayUnderTest> {
  const upstream = await startUpstream();
  const startedAtMs = performance.now();
  const gateway = await startGateway(choices, upstream.port, nodeOptions);
  const call = gateway.call(model);
  const { pid } = gateway;
  if (pid === undefined || process.platform !== "linux") {
    await gateway.stop(1_000);
    upstream.stop();
    throw environmentNotReady(`what ${gateway.description} costs cannot be measured here`, {
      code: "not-measurable",
      hint: "calibrate on Linux, and a gateway that Squall starts itself",
    });
  }
  const agent = new Agent({ keepAliveTimeout: 4_000 });
  return {
    description: gateway.description,
    startUpMs: performance.now() - startedAtMs,
    pass: async (ask) => {
      const startedAtMs = performance.now();
      const order = [ask.afterMs ?? 0, ask.writes ?? 0, ask.chunksPerWrite ?? 1].join(" ");
      const messages = [{ role: "user", content: `calibrate ${order}; ${promptText}` }];
      const response = await request(call.url, {
        method: "POST",
        dispatcher: agent,
        headers: { ...call.headers, "content-type": "application/json" },
        body: JSON.stringify({ model: call.model ?? model, messages, stream: ask.writes !== undefined }),
      });
      invariant(response.statusCode === 200, `the gateway answered ${response.statusCode}`);
      let firstAtMs: Ms | undefined;
      let latest = "";
      for await (const part of response.body.setEncoding("utf8")) {
        firstAtMs ??= performance.now();
        latest = (latest + String(part)).slice(-streamEnd.length);
      }
      const endedAtMs = performance.now();
      invariant(ask.writes === undefined || latest === streamEnd, `a stream ended with ${JSON.stringify(latest)}`);
      return {
        toUpstreamMs: upstream.times.seenAtMs - startedAtMs,
        toClientMs: (firstAtMs ?? endedAtMs) - upstream.times.answeredAtMs,
        roundTripMs: endedAtMs - startedAtMs,
      };
    },
    loopCpuMs: () => cpuMs(pid, choices.driver.name === "portkey" ? "main" : "all"),
    rssBytes: async () => (await gateway.usage())?.rssBytes ?? 0,
    stop: async () => {
      await gateway.stop(1_000);
      await agent.close();
      upstream.stop();
    },
  };
}

async function startGateway(
  { driver, cacheDir, onProgress, signal }: TestChoices,
  upstreamPort: number,
  nodeOptions: string,
): Promise<RunningGateway> {
  const provider: UpstreamProvider = {
    name: "upstream",
    dialect: "openai",
    baseUrl: `http://127.0.0.1:${upstreamPort}/v1`,
    apiKey: "key",
  };
  const inherited = process.env["NODE_OPTIONS"] ?? "";
  process.env["NODE_OPTIONS"] = `${inherited} ${nodeOptions}`;
  try {
    return await driver.start({
      policy: { routes: [{ model, providers: [provider] }], retries: 0, retryOn: [], requestTimeoutMs: undefined },
      port: 0,
      cacheDir,
      readyTimeoutMs: 60_000,
      onProgress,
      signal,
    });
  } finally {
    process.env["NODE_OPTIONS"] = inherited;
  }
}

interface Upstream {
  readonly port: number;
  /** When it saw the latest request, and when it began to answer it. */
  readonly times: { seenAtMs: Ms; answeredAtMs: Ms };
  readonly stop: () => void;
}

async function startUpstream(): Promise<Upstream> {
  const times = { seenAtMs: 0, answeredAtMs: 0 };
  const server = createServer((incoming, response) => {
    times.seenAtMs = performance.now();
    void answer(incoming, response, () => {
      times.answeredAtMs = performance.now();
    });
  });
  // Longer than any client keeps a connection, so that none is closed under a request.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    times,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(incoming: IncomingMessage, response: ServerResponse, onBegin: () => void): Promise<void> {
  let text = "";
  for await (const part of incoming.setEncoding("utf8")) text += String(part);
  const ask = orderIn(text);
  if (ask.afterMs > 0) await sleep(ask.afterMs);
  onBegin();
  if (ask.writes === 0) {
    const message = { role: "assistant", content: answerText };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(completion("chat.completion", { message, finish_reason: "stop" })));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const startedAtMs = performance.now();
  for (let write = 0; write < ask.writes; write++) {
    await sleep(Math.max(0, startedAtMs + write * writeGapMs - performance.now()));
    // Each differs from the one before: LiteLLM breaks a stream off after a hundred that are alike (`REPEATED_STREAMING_CHUNK_LIMIT`).
    const delta = { content: write % 2 === 0 ? " word" : " term" };
    response.write(event({ delta, finish_reason: null }).repeat(ask.chunksPerWrite));
  }
  response.end(`${event({ delta: {}, finish_reason: "stop" })}${streamEnd}`);
}

/** What the prompt asks the upstream to do: gateways change or drop everything else. */
function orderIn(text: string): Required<Ask> {
  const [, afterMs = 0, writes = 0, chunksPerWrite = 1] = (/calibrate (\d+) (\d+) (\d+);/.exec(text) ?? []).map(Number);
  return { afterMs, writes, chunksPerWrite };
}

function event(choice: object): string {
  return `data: ${JSON.stringify(completion("chat.completion.chunk", choice))}\n\n`;
}

function completion(object: string, choice: object): object {
  const usage = { prompt_tokens: 400, completion_tokens: 100, total_tokens: 500 };
  return { id: "chatcmpl-calibrate", object, created: 1, model, choices: [{ index: 0, ...choice }], usage };
}

function portOf(server: Server): number {
  const address = server.address();
  invariant(typeof address === "object" && address !== null, "the upstream listens on TCP");
  return address.port;
}

/** Time on a CPU, the first number of /proc/PID/task/TID/schedstat, in nanoseconds (Linux, sched-stats.rst). */
async function cpuMs(pid: number, threads: "main" | "all"): Promise<Ms> {
  const ids = threads === "main" ? [String(pid)] : await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    ids.map(async (id) => {
      const stat = await readFile(`/proc/${pid}/task/${id}/schedstat`, "utf8").catch(() => "0");
      return Number(stat.split(" ")[0]) / 1e6;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}
