/**
 * Portkey: the open-source AI gateway (github.com/Portkey-AI/gateway), run from npm as one Node process.
 *
 * Ready means that `GET /` answers: Portkey has no model-health endpoint, and a real completion would spend quota and
 * money that the run has not planned; the workload's warm-up requests do that part. Portkey does not drain: SIGTERM cuts
 * what is in flight, so finish or abandon the requests first.
 */
import { endedByItself, type RunningChild } from "../child/child-process.ts";
import { loopback } from "../child/loopback-port.ts";
import { processUsage } from "../child/process-usage.ts";
import { startServer } from "../child/server-process.ts";
import type { GatewayCall, GatewayDriver, GatewayPolicy, GatewayStart, RunningGateway } from "../driver.ts";
import { httpProbe } from "../http-probe.ts";
import { routeTable } from "../routes.ts";
import { installPortkey, isPortkeyInstalled, portkeyVersion } from "./install.ts";
import { portkeyAnswers, portkeyHeaders, trustedHosts } from "./policy.ts";

export const portkeyDriver: GatewayDriver = {
  name: "portkey",
  isBreakable: true,
  isRoutedPerRequest: true,
  installed: (cacheDir) => Promise.resolve(isPortkeyInstalled(cacheDir) ? portkeyVersion : undefined),
  install: async (cacheDir, onProgress, signal) => {
    await installPortkey(cacheDir, { onProgress, signal, env: process.env });
    return portkeyVersion;
  },
  start: startPortkey,
};

/** One look at `GET /`; on a loaded machine a busy Portkey answers within this time too. */
const probeTimeoutMs = 2_000;

async function startPortkey(start: GatewayStart): Promise<RunningGateway> {
  const headersUnder = (policy: GatewayPolicy): ((model: string) => GatewayCall["headers"]) =>
    routeTable(policy.routes, (route) => portkeyHeaders(route, policy));
  const headersFor = headersUnder(start.policy);
  const entry = await installPortkey(start.cacheDir, { ...start, env: process.env });
  const { child, port } = await startServer({
    name: "portkey",
    commandFor: (candidate) => ({
      command: process.execPath,
      args: [...preloads(start), entry, "--headless", `--port=${candidate}`],
      env: {
        ...process.env,
        NODE_ENV: "production",
        TRUSTED_CUSTOM_HOSTS: trustedHosts(start.policy),
        ...(start.breakable === undefined ? {} : { SQUALL_ERROR_SHARE: String(start.breakable.errorShare) }),
      },
    }),
    probe: answers,
    port: start.port,
    readyTimeoutMs: start.readyTimeoutMs,
    signal: start.signal,
  });
  const url = `http://${loopback}:${port}/v1/chat/completions`;
  return {
    description: `portkey ${portkeyVersion}`,
    call: (model) => ({ url, headers: headersFor(model) }),
    callUnder: (policy) => {
      const headersThen = headersUnder(policy);
      return (model) => ({ url, headers: headersThen(model) });
    },
    healthy: () => answers(port),
    pid: child.pid,
    usage: () => processUsage(child.pid),
    exited: endedByItself(child),
    stop: child.stop,
    ...(start.breakable === undefined ? {} : { cutOff: cutter(child) }),
  };
}

function preloads({ breakable }: GatewayStart): readonly string[] {
  return [preload("loopback"), ...(breakable === undefined ? [] : [preload("breakable")])].flatMap((file) => [
    "--import",
    file,
  ]);
}

/** The signal turns it over, so it is only sent where something changes; a process that has ended is told of elsewhere. */
function cutter(child: RunningChild): (isCut: boolean) => void {
  let wasCut = false;
  let hasEnded = false;
  void child.ended.then(() => {
    hasEnded = true;
  });
  return (isCut) => {
    if (isCut !== wasCut && !hasEnded) process.kill(child.pid, "SIGUSR2");
    wasCut = isCut;
  };
}

async function answers(port: number): Promise<boolean> {
  return portkeyAnswers(await httpProbe(`http://${loopback}:${port}/`, probeTimeoutMs));
}

/** A file beside this one, as a URL, which `--import` needs on Windows; TypeScript in the source tree, JavaScript in the built package. */
function preload(name: string): string {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url).href;
}
