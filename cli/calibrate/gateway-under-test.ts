/**
 * Portkey between a client and an upstream that both stand in this process, so that what it costs and how long it takes can
 * be told to the microsecond.
 */
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import { cacheFolder } from "../gateways/cache.ts";
import type { RunningGateway } from "../gateways/driver.ts";
import { portkeyDriver } from "../gateways/portkey/driver.ts";

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

export interface PortkeyUnderTest {
  readonly description: string;
  /** Sends one request and takes its answer. */
  readonly pass: (ask: Ask) => Promise<Passage>;
  /** CPU time of the gateway's event loop so far: the main thread of its process. Garbage collection and compilation beside it are not in it. */
  readonly loopCpuMs: () => Promise<Ms>;
  readonly stop: () => Promise<void>;
}

/** Between two writes of a stream. */
export const writeGapMs: Ms = 10;

const model = "gpt-4o-mini";
const promptText = "word ".repeat(400);
const answerText = "word ".repeat(100);

/** `nodeOptions`: for the gateway's process. */
export async function startPortkeyUnderTest(nodeOptions = ""): Promise<PortkeyUnderTest> {
  const upstream = await startUpstream();
  const gateway = await startGateway(upstream.port, nodeOptions);
  const call = gateway.call(model);
  const pid = await processOnPort(new URL(call.url).port);
  const agent = new Agent({ keepAliveTimeout: 4_000 });
  return {
    description: `${gateway.description} on Node ${process.version}`,
    pass: async (ask) => {
      const startedAtMs = performance.now();
      const messages = [{ role: "user", content: promptText }];
      const response = await request(call.url, {
        method: "POST",
        dispatcher: agent,
        headers: { ...call.headers, "content-type": "application/json" },
        body: JSON.stringify({ model, messages, stream: ask.writes !== undefined, metadata: ask }),
      });
      invariant(response.statusCode === 200, `the gateway answered ${response.statusCode}`);
      let firstAtMs: Ms | undefined;
      for await (const _ of response.body) firstAtMs ??= performance.now();
      const endedAtMs = performance.now();
      return {
        toUpstreamMs: upstream.times.seenAtMs - startedAtMs,
        toClientMs: (firstAtMs ?? endedAtMs) - upstream.times.answeredAtMs,
        roundTripMs: endedAtMs - startedAtMs,
      };
    },
    loopCpuMs: () => threadCpuMs(pid),
    stop: async () => {
      await gateway.stop(1_000);
      await agent.close();
      upstream.stop();
    },
  };
}

async function startGateway(upstreamPort: number, nodeOptions: string): Promise<RunningGateway> {
  const provider = {
    name: "upstream",
    dialect: "openai",
    baseUrl: `http://127.0.0.1:${upstreamPort}/v1`,
    apiKey: "key",
  };
  const inherited = process.env["NODE_OPTIONS"] ?? "";
  process.env["NODE_OPTIONS"] = `${inherited} ${nodeOptions}`;
  try {
    return await portkeyDriver.start({
      policy: { routes: [{ model, providers: [provider] }], retries: 0, retryOn: [], requestTimeoutMs: undefined },
      port: 0,
      cacheDir: cacheFolder(process.env),
      readyTimeoutMs: 30_000,
      onProgress: (text) => console.log(text),
      signal: new AbortController().signal,
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
  const { metadata: ask }: { readonly metadata: Ask } = JSON.parse(text);
  if (ask.afterMs !== undefined) await sleep(ask.afterMs);
  onBegin();
  if (ask.writes === undefined) {
    const message = { role: "assistant", content: answerText };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(completion("chat.completion", { message, finish_reason: "stop" })));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const startedAtMs = performance.now();
  const chunks = event({ delta: { content: " word" }, finish_reason: null }).repeat(ask.chunksPerWrite ?? 1);
  for (let write = 0; write < ask.writes; write++) {
    await sleep(Math.max(0, startedAtMs + write * writeGapMs - performance.now()));
    response.write(chunks);
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

function portOf(server: Server): number {
  const address = server.address();
  invariant(typeof address === "object" && address !== null, "the upstream listens on TCP");
  return address.port;
}

/** The gateway's process: of those that were given the port, the last, since it is the child of its guard. */
async function processOnPort(port: string): Promise<number> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const given = await Promise.all(
    pids.map(async (pid) => {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return commandLine.split("\0").includes(`--port=${port}`) ? pid : 0;
    }),
  );
  const last = Math.max(...given);
  invariant(last > 0, "the gateway's process is to be found (this needs Linux)");
  return last;
}

/** Time on a CPU, the first number of /proc/PID/task/TID/schedstat, in nanoseconds (Linux, sched-stats.rst). */
async function threadCpuMs(pid: number): Promise<Ms> {
  const stat = await readFile(`/proc/${pid}/task/${pid}/schedstat`, "utf8");
  return Number(stat.split(" ")[0]) / 1e6;
}
