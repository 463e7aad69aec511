/**
 * Any gateway that already runs at a URL. Squall neither starts, configures nor stops it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { environmentNotReady } from "../../core/errors.ts";
import { formatDuration } from "../../core/time.ts";
import type { GatewayDriver, GatewayStart, RunningGateway } from "../driver.ts";
import { httpProbe } from "../http-probe.ts";
import { routeTable } from "../routes.ts";
import { gatewayBaseUrl, gatewayKeyVariable, urlCall } from "./policy.ts";

/** Throws a usage error unless `text` is a URL that can be a gateway's. */
export function urlDriver(text: string): GatewayDriver {
  const baseUrl = gatewayBaseUrl(text);
  return {
    name: "url",
    installed: () => Promise.resolve("not ours to install"),
    install: () => Promise.resolve("not ours to install"),
    start: (start) => reach(baseUrl, start),
  };
}

const probeTimeoutMs = 2_000;
const probeEveryMs = 250;

async function reach(baseUrl: string, start: GatewayStart): Promise<RunningGateway> {
  const key = process.env[gatewayKeyVariable];
  const call = routeTable(start.policy.routes, (route) => urlCall(baseUrl, route, key));
  // Any HTTP answer will do: which paths it serves without a key is its own affair.
  const answers = async (): Promise<boolean> => (await httpProbe(baseUrl, probeTimeoutMs)) !== undefined;
  await untilReached(baseUrl, answers, start);
  return {
    description: baseUrl,
    call,
    healthy: answers,
    usage: () => Promise.resolve(undefined),
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}

async function untilReached(baseUrl: string, answers: () => Promise<boolean>, start: GatewayStart): Promise<void> {
  const timeout = AbortSignal.timeout(start.readyTimeoutMs);
  while (!(await answers())) {
    start.signal.throwIfAborted();
    if (timeout.aborted) {
      throw environmentNotReady(`nothing answered at ${baseUrl} within ${formatDuration(start.readyTimeoutMs)}`, {
        code: "gateway-not-ready",
        hint: "start the gateway first, and check host and port",
      });
    }
    await sleep(probeEveryMs);
  }
}
