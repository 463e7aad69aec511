/**
 * LiteLLM's proxy (github.com/BerriAI/litellm), run from the Python package index as one process of one worker, without a database.
 *
 * Ready means that `/health/readiness` answers and that one request has gone well and one badly: the first of either kind loads
 * modules for up to 2.8 s. Neither reaches a provider. (`/health` would: it sends a completion to every deployment.)
 * SIGTERM drains: streams in flight may finish until the deadline.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Ms } from "../../core/time.ts";
import { endedByItself } from "../child/child-process.ts";
import { loopback } from "../child/loopback-port.ts";
import { processUsage } from "../child/process-usage.ts";
import { startServer } from "../child/server-process.ts";
import type { GatewayDriver, GatewayStart, RunningGateway } from "../driver.ts";
import { httpProbe } from "../http-probe.ts";
import { routeTable } from "../routes.ts";
import { installLitellm, isLitellmInstalled, litellmVersion } from "./install.ts";
import { litellmConfig, ownWays, warmUpModels } from "./policy.ts";

export const litellmDriver: GatewayDriver = {
  name: "litellm",
  installed: (cacheDir) => Promise.resolve(isLitellmInstalled(cacheDir) ? litellmVersion : undefined),
  install: async (cacheDir, onProgress, signal) => {
    await installLitellm(cacheDir, { onProgress, signal, env: process.env });
    return litellmVersion;
  },
  start: startLitellm,
};

/** One look at `/health/readiness`. */
const probeTimeoutMs: Ms = 2_000;
/** Longest that a warm-up request may take; 2.8 s was the longest seen. */
const warmUpTimeoutMs: Ms = 15_000;
/**
 * It starts within 7 to 10 s, and within 19 s from freshly installed files, on two cores that do nothing else: it is given this
 * long at least.
 */
const readyTimeoutMsMin: Ms = 120_000;

async function startLitellm(start: GatewayStart): Promise<RunningGateway> {
  const masterKey = start.key ?? `sk-squall-${randomUUID()}`;
  const config = litellmConfig(start.policy, masterKey, start.metrics === true);
  for (const way of ownWays(start.policy)) start.onProgress(`litellm ${way}`);
  const python = await installLitellm(start.cacheDir, { ...start, env: process.env });
  const folder = mkdtempSync(path.join(tmpdir(), "squall-litellm-"));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, "config.yaml");
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    const { child, port } = await startServer({
      name: "litellm",
      commandFor: (candidate) => ({
        command: python,
        args: ["-c", entry, "--config", file, "--host", loopback, "--port", String(candidate), "--telemetry", "False"],
        env: { ...process.env, ...settings },
      }),
      probe: isReady,
      port: start.port,
      readyTimeoutMs: Math.max(start.readyTimeoutMs, readyTimeoutMsMin),
      signal: start.signal,
    });
    const origin = `http://${loopback}:${port}`;
    const url = `${origin}/v1/chat/completions`;
    const headers = { authorization: `Bearer ${masterKey}` };
    for (const model of [warmUpModels.answers, warmUpModels.fails]) await warmUp(url, headers, model, start.signal);
    return {
      description: `litellm ${litellmVersion}`,
      call: routeTable(start.policy.routes, () => ({ url, headers })),
      ...(start.metrics === true ? { metricsUrl: `${origin}/metrics/` } : {}),
      healthy: () => isReady(port),
      pid: child.pid,
      usage: () => processUsage(child.pid),
      exited: endedByItself(child),
      stop: async (deadlineMs) => {
        await child.stop(deadlineMs);
        forget();
      },
    };
  } catch (cause) {
    forget();
    throw cause;
  }
}

/** Its console script names an interpreter by its path at installation, so it is not used. */
const entry = "import sys; from litellm import run_server; sys.exit(run_server())";

/** Nothing is fetched at the start, nothing is told to anybody. */
const settings: Readonly<Record<string, string>> = {
  LITELLM_LOCAL_MODEL_COST_MAP: "True",
  LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: "True",
  LITELLM_LOG: "ERROR",
  DISABLE_ADMIN_UI: "True",
  PYTHONUNBUFFERED: "1",
};

async function isReady(port: number): Promise<boolean> {
  return (await httpProbe(`http://${loopback}:${port}/health/readiness`, probeTimeoutMs))?.status === 200;
}

/** Whatever it answers will do. */
async function warmUp(
  url: string,
  headers: Readonly<Record<string, string>>,
  model: string,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hello" }], num_retries: 0 });
  const enough = AbortSignal.any([signal, AbortSignal.timeout(warmUpTimeoutMs)]);
  await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
    signal: enough,
  }).then(
    (response) => response.text(),
    () => undefined,
  );
  signal.throwIfAborted();
}
