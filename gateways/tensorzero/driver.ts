/**
 * TensorZero (github.com/tensorzero/tensorzero), run inside a Python process by the client library that embeds it.
 *
 * It picks a loopback port of its own and serves nothing but `/openai/v1`, so it is ready when it says where it listens, and
 * healthy while that port answers anything. It does not drain: SIGTERM cuts what is in flight.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { environmentNotReady } from "../../core/errors.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { describeEnd, endedByItself, type RunningChild, startChild } from "../child/child-process.ts";
import { processUsage } from "../child/process-usage.ts";
import type { GatewayDriver, GatewayStart, RunningGateway } from "../driver.ts";
import { httpProbe } from "../http-probe.ts";
import { chatCompletionsUrl, routeTable } from "../routes.ts";
import { installTensorzero, isTensorzeroInstalled, tensorzeroVersion } from "./install.ts";
import { ownWays, tensorzeroConfig } from "./policy.ts";

export const tensorzeroDriver: GatewayDriver = {
  name: "tensorzero",
  dialects: ["openai", "azure-openai", "anthropic", "bedrock"],
  installed: (cacheDir) => Promise.resolve(isTensorzeroInstalled(cacheDir) ? tensorzeroVersion : undefined),
  install: async (cacheDir, onProgress, signal) => {
    await installTensorzero(cacheDir, { onProgress, signal, env: process.env });
    return tensorzeroVersion;
  },
  start: startTensorzero,
};

const probeTimeoutMs: Ms = 2_000;
const giveUpDeadlineMs: Ms = 1_000;
const outputLines = 15;

/**
 * Serves until it is ended. The function is the library's own, which its tests use; it is not in its documentation. What the library prints
 * goes to standard error, so that the address is the first line.
 */
const serverScript = `
import os, sys, time
said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
from tensorzero import tensorzero
gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False)
print(gateway.base_url, file=said, flush=True)
while True:
    time.sleep(3600)
`;

async function startTensorzero(start: GatewayStart): Promise<RunningGateway> {
  if (start.port !== 0) {
    throw environmentNotReady(`tensorzero cannot be told to listen on port ${start.port}: it picks its own`, {
      code: "port-not-ours",
      hint: "let it pick one (port 0)",
    });
  }
  const config = tensorzeroConfig(start.policy);
  for (const way of ownWays(start.policy)) start.onProgress(`tensorzero ${way}`);
  const python = await installTensorzero(start.cacheDir, { ...start, env: process.env });
  const folder = mkdtempSync(path.join(tmpdir(), "squall-tensorzero-"));
  try {
    const file = path.join(folder, "tensorzero.toml");
    writeFileSync(file, config.toml, { mode: 0o600 });
    const { promise: firstLine, resolve: onFirstLine } = Promise.withResolvers<string>();
    const child = await startChild({
      name: "tensorzero",
      command: python,
      args: ["-c", serverScript, file],
      env: { ...process.env, ...config.env },
      onFirstLine,
    });
    const baseUrl = await untilReady(child, firstLine, start).catch(async (cause: unknown) => {
      await child.stop(giveUpDeadlineMs);
      throw cause;
    });
    return running(baseUrl, child, start, config.names);
  } finally {
    // It has been read once the gateway is ready.
    rmSync(folder, { recursive: true, force: true });
  }
}

function running(
  baseUrl: string,
  child: RunningChild,
  { policy }: GatewayStart,
  names: ReadonlyMap<string, string>,
): RunningGateway {
  const call = routeTable(policy.routes, ({ model }) => ({
    url: chatCompletionsUrl(baseUrl),
    headers: {},
    model: names.get(model) ?? model,
  }));
  return {
    description: `tensorzero ${tensorzeroVersion}`,
    call,
    healthy: async () => (await httpProbe(baseUrl, probeTimeoutMs)) !== undefined,
    pid: child.pid,
    usage: () => processUsage(child.pid),
    exited: endedByItself(child),
    stop: child.stop,
  };
}

/** Where it listens. Throws `gateway-not-ready`, or the signal's reason. */
async function untilReady(child: RunningChild, firstLine: Promise<string>, start: GatewayStart): Promise<string> {
  const enough = AbortSignal.any([start.signal, AbortSignal.timeout(start.readyTimeoutMs)]);
  const gaveUp = new Promise<undefined>((resolve) => {
    enough.addEventListener("abort", () => resolve(undefined), { once: true });
    if (enough.aborted) resolve(undefined);
  });
  const line = await Promise.race([firstLine, child.ended, gaveUp]);
  if (typeof line === "string" && URL.canParse(line)) return line;
  start.signal.throwIfAborted();
  const why =
    line === undefined
      ? `was not ready within ${formatDuration(start.readyTimeoutMs)}`
      : typeof line === "string"
        ? "did not say where it listens"
        : `ended before it was ready (${describeEnd(line)})`;
  const output = child.lastLines(outputLines);
  throw environmentNotReady(`tensorzero ${why}${output === "" ? "" : `; the end of its output:\n${output}`}`, {
    code: "gateway-not-ready",
    hint: "run `squall doctor` to see what this machine lacks",
  });
}
