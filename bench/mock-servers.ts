/**
 * The servers of `mock-throughput.ts` and `mock-streams.ts`, each in a process of its own: the mock at some latency scale, and a bare
 * one that parses the same JSON and answers the same bytes.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { defaultMockConfig } from "../mock-providers/config.ts";
import { startMock } from "../mock-providers/server.ts";

/** CPU time of the process so far, user and system. */
export interface ServerReport {
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

async function mockPort(latencyScale: number): Promise<number> {
  const server = await startMock({ config: { ...defaultMockConfig(), latencyScale }, host: "127.0.0.1", port: 0 });
  return Number(new URL(server.url).port);
}

/** An answer of the mock, as it was seen on the wire (`Date`, `Connection` and `Keep-Alive` are node's own). */
const bareHeaders = [
  ["content-type", "application/json"],
  ["x-request-id", "req_23f617cf00ff2bb66ad94983d300ead5"],
  ["openai-processing-ms", "0"],
  ["openai-version", "2020-10-01"],
  ["openai-organization", "org-squall"],
  ["x-ratelimit-limit-requests", "10000000"],
  ["x-ratelimit-remaining-requests", "9999999"],
  ["x-ratelimit-reset-requests", "1ms"],
  ["x-ratelimit-limit-tokens", "10000000000"],
  ["x-ratelimit-remaining-tokens", "9999999988"],
  ["x-ratelimit-reset-tokens", "1ms"],
].flat();

const answerTokens = 64;

const bareBody = JSON.stringify({
  id: "chatcmpl-PPJ0cpkgnMTM5k1zSABTceVqP9WFp",
  object: "chat.completion",
  created: 1_795_227_247,
  model: "gpt-4o-mini-2024-07-18",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "word".repeat(answerTokens), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: {
    prompt_tokens: 400,
    completion_tokens: answerTokens,
    total_tokens: 400 + answerTokens,
    prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  },
  service_tier: "default",
  system_fingerprint: "fp_squall0000",
});

function barePort(): Promise<number> {
  const headers = [...bareHeaders, "content-length", String(bareBody.length)];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (typeof parsed !== "object") throw new Error("not a request");
      response.writeHead(200, headers);
      response.end(bareBody);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** What is used of aimock. */
interface Aimock {
  readonly LLMock: new (options: { readonly port: number; readonly logLevel: string }) => {
    readonly url: string;
    readonly onMessage: (pattern: RegExp, answer: { readonly content: string }) => void;
    readonly start: () => Promise<unknown>;
  };
}

/** The peer from npm with an answer of the same length; `module`: its file. */
async function aimockPort(module: string): Promise<number> {
  const { LLMock }: Aimock = await import(pathToFileURL(module).href);
  const mock = new LLMock({ port: 0, logLevel: "silent" });
  mock.onMessage(/word/, { content: "word".repeat(answerTokens) });
  await mock.start();
  return Number(new URL(mock.url).port);
}

if (process.send !== undefined) {
  const [, , role, latencyScale] = process.argv;
  const port = await (role === "mock"
    ? mockPort(Number(latencyScale ?? 0))
    : role === "aimock"
      ? aimockPort(latencyScale ?? "")
      : barePort());
  process.on("message", (message) => {
    if (message === "collect") globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const report: ServerReport = { cpuMs: (user + system) / 1e3, rssBytes: rss, heapBytes: heapUsed };
    process.send?.(report);
  });
  process.send({ port });
}
