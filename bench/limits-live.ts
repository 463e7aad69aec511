/**
 * Ten minutes of traffic at three times the quota against the real mock, beside the same minutes in virtual time and the limit.
 *
 *     node bench/limits-live.ts [--minutes 10] [--time-scale 20] [--case openai]
 *
 * The mock's clock runs `--time-scale` times as fast, so ten minutes take half a minute of wall time per case. Calls are sent evenly and
 * are never retried. The first minute is left out of the shares: a limit that begins full lets twice its amount pass in it.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { formatMarker } from "../behavior/marker.ts";
import { minuteMs } from "../core/time.ts";
import { configInWords } from "../mock-providers/config-words.ts";
import { answerTokens, callsPerMinute, type LimitCase, limitCases, promptTokens } from "./limit-cases.ts";
import { admittedByMinute } from "./limit-run.ts";

interface RunningMock {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly stop: () => Promise<void>;
}

/** Calls in flight at once; more than any case needs, and what a stuck mock may hold. */
const connections = 128;
/** Sends happen in batches at this distance, wall milliseconds. */
const tickMs = 5;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    "time-scale": { type: "string", default: "20" },
    case: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const timeScale = Number(values["time-scale"]);

console.log(`${minutes} minutes at time scale ${timeScale}; tokens per minute, the first minute left out`);
console.log(row("case", "limit", "live", "simulated", "live/limit", "live/simulated", "other answers"));
for (const limitCase of limitCases) {
  if (values.case !== undefined && values.case !== limitCase.name) continue;
  const live = await playLive(limitCase);
  const [liveMean, simulatedMean] = [
    meanAfterFirst(live.admitted),
    meanAfterFirst(admittedByMinute(limitCase, minutes)),
  ];
  const { name, tokensPerMinute } = limitCase;
  console.log(
    row(
      name,
      String(tokensPerMinute),
      liveMean.toFixed(0),
      simulatedMean.toFixed(0),
      percent(liveMean / tokensPerMinute),
      percent(liveMean / simulatedMean),
      String(live.others),
    ),
  );
}

async function playLive(
  limitCase: LimitCase,
): Promise<{ readonly admitted: readonly number[]; readonly others: number }> {
  const mock = await startMock(limitCase);
  const pool = new Pool(new URL(mock.baseUrl).origin, { connections });
  const prefix = new URL(mock.baseUrl).pathname.replace(/\/$/, "");
  const admitted = Array.from({ length: minutes }, () => 0);
  let others = 0;
  const send = async (minute: number, call: number): Promise<void> => {
    const { statusCode, body } = await pool.request({
      method: "POST",
      path: prefix + limitCase.path,
      headers: headersOf(mock.apiKey, limitCase),
      body: JSON.stringify(limitCase.body(promptOf(`m${minute}.${call}`))),
    });
    await body.dump();
    if (statusCode === 200) admitted[minute] = (admitted[minute] ?? 0) + limitCase.countedTokens;
    else if (statusCode !== 429) others += 1;
  };
  try {
    // Minutes of the clock begin with the traffic.
    await (await pool.request({ method: "POST", path: "/_squall/reset", body: "{}" })).body.dump();
    const perMinute = callsPerMinute(limitCase);
    const total = perMinute * minutes;
    const startMs = performance.now();
    const sent: Promise<void>[] = [];
    while (sent.length < total) {
      const scenarioMs = (performance.now() - startMs) * timeScale;
      const due = Math.min(total, Math.floor((scenarioMs * perMinute) / minuteMs) + 1);
      for (let call = sent.length; call < due; call++) sent.push(send(Math.floor(call / perMinute), call));
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    await Promise.all(sent);
    return { admitted, others };
  } finally {
    await pool.destroy();
    await mock.stop();
  }
}

function headersOf(apiKey: string, { provider, dedicated }: LimitCase): Record<string, string> {
  return {
    "content-type": "application/json",
    ...(provider.dialect === "gemini" ? { "x-goog-api-key": apiKey } : { authorization: `Bearer ${apiKey}` }),
    ...(provider.dialect === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
    ...(dedicated === undefined ? {} : { "x-vertex-ai-llm-request-type": "dedicated" }),
  };
}

/** Four characters per token, the marker not counted, which is what the limiters that estimate make a token of. */
function promptOf(key: string): string {
  const planned = {
    key,
    inputTokens: promptTokens,
    cachedTokens: 0,
    outputTokens: answerTokens,
  };
  return formatMarker("load", planned) + "word".repeat(promptTokens);
}

async function startMock({ provider }: LimitCase): Promise<RunningMock> {
  const folder = await mkdtemp(path.join(tmpdir(), "squall-limits-"));
  const apiKey = `sk-squall-${provider.name}`;
  const keys = [{ apiKey, organization: "org-squall", state: "active" }] as const;
  const config = { seed: 1, timeScale, latencyScale: 0, streamHeaders: "first-event", faults: [] } as const;
  const file = path.join(folder, "mock.json");
  await writeFile(file, JSON.stringify(configInWords({ ...config, providers: [{ ...provider, keys }] })));
  const squall = path.resolve(import.meta.dirname, "../bin/squall.mjs");
  const child = spawn(process.execPath, [squall, "mock", "--config", file, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = JSON.parse(line) as { readonly providers: Record<string, { readonly baseUrl: string }> };
    await rm(folder, { recursive: true });
    const stop = async (): Promise<void> => {
      child.kill("SIGTERM");
      await ended;
    };
    return { baseUrl: ready.providers[provider.name]?.baseUrl ?? "", apiKey, stop };
  }
  throw new Error("the mock ended before it was ready");
}

function meanAfterFirst(perMinute: readonly number[]): number {
  const others = perMinute.slice(1);
  return others.reduce((sum, one) => sum + one, 0) / others.length;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function row(...cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(26) : cell.padStart(15))).join("");
}
