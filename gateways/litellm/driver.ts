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
import { routeTable } from "../routes.ts";
import { installLitellm, isLitellmInstalled, litellmVersion } from "./install.ts";
import { litellmConfig, ownWays } from "./policy.ts";
import { callOf, isReady, metricsPath, readyTimeoutMsMin, runServer, settings, warmUp } from "./proxy.ts";

export const litellmDriver: GatewayDriver = {
  name: "litellm",
  installed: (cacheDir) => Promise.resolve(isLitellmInstalled(cacheDir) ? litellmVersion : undefined),
  install: async (cacheDir, onProgress, signal) => {
    await installLitellm(cacheDir, { onProgress, signal, env: process.env });
    return litellmVersion;
  },
  start: startLitellm,
};

/** How long one that is not wanted any more may take to end. */
const giveUpDeadlineMs: Ms = 2_000;

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
        args: [
          "-c",
          `import sys; ${runServer}`,
          "--config",
          file,
          "--host",
          loopback,
          "--port",
          String(candidate),
          "--telemetry",
          "False",
        ],
        env: { ...process.env, ...settings },
      }),
      probe: (candidate) => isReady(originOf(candidate)),
      port: start.port,
      readyTimeoutMs: Math.max(start.readyTimeoutMs, readyTimeoutMsMin),
      signal: start.signal,
    });
    const origin = originOf(port);
    const call = callOf(origin, masterKey);
    await warmUp(call, start.signal).catch(async (cause: unknown) => {
      await child.stop(giveUpDeadlineMs);
      throw cause;
    });
    return {
      description: `litellm ${litellmVersion}`,
      call: routeTable(start.policy.routes, () => call),
      ...(start.metrics === true ? { metricsUrl: `${origin}${metricsPath}` } : {}),
      healthy: () => isReady(origin),
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

function originOf(port: number): string {
  return `http://${loopback}:${port}`;
}
