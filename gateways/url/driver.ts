/**
 * Any gateway that already runs, at a URL or described by a file. Squall neither starts, configures nor stops it.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { environmentNotReady, invalidInput } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import { formatDuration } from "../../core/time.ts";
import type { GatewayCall, GatewayDriver, GatewayStart, RunningGateway, UpstreamRoute } from "../driver.ts";
import { podRefusals } from "../kubernetes/deployment-file.ts";
import { containerDriver } from "../docker/container-driver.ts";
import { ownImageInContainers } from "../docker/own-image.ts";
import { httpProbe } from "../http-probe.ts";
import { routeTable } from "../routes.ts";
import { fileCall, parseGatewayFile } from "./file-policy.ts";
import { gatewayBaseUrl, gatewayKeyVariable, urlCall } from "./policy.ts";

/** Throws a usage error unless `text` is a URL that can be a gateway's. */
export function urlDriver(text: string): GatewayDriver {
  const baseUrl = gatewayBaseUrl(text);
  return driverOf({
    name: baseUrl,
    callFor: (route) => urlCall(baseUrl, route, process.env[gatewayKeyVariable]),
    // Any HTTP answer will do: which paths it serves without a key is its own affair.
    answers: async () => (await httpProbe(baseUrl, probeTimeoutMs)) !== undefined,
    metricsUrl: undefined,
  });
}

/** Throws `file-unreadable`, and what `parseGatewayFile` throws. */
export function fileDriver(file: string): GatewayDriver {
  const gateway = parseGatewayFile(readGatewayFile(file), file);
  const { name, where, healthPath, metricsPath } = gateway;
  switch (where.kind) {
    case "url": {
      const { baseUrl, deployment } = where;
      const driver = driverOf({
        name,
        callFor: (route) => fileCall(gateway, baseUrl, route, process.env),
        answers: async () => {
          if (healthPath === undefined) return (await httpProbe(baseUrl, probeTimeoutMs)) !== undefined;
          return (await httpProbe(new URL(healthPath, baseUrl).href, probeTimeoutMs))?.status === 200;
        },
        metricsUrl: metricsPath === undefined ? undefined : new URL(metricsPath, baseUrl).href,
      });
      return deployment === undefined ? driver : { ...driver, name: "kubernetes", deployment, refusals: podRefusals };
    }
    case "container": {
      const callAt = (baseUrl: string, route: UpstreamRoute): GatewayCall =>
        fileCall(gateway, baseUrl, route, process.env);
      return containerDriver(
        ownImageInContainers({ name, container: where.container, healthPath, metricsPath, callAt }),
      );
    }
    default:
      return assertNever(where);
  }
}

interface ForeignGateway {
  readonly name: string;
  readonly callFor: (route: UpstreamRoute) => GatewayCall;
  readonly answers: () => Promise<boolean>;
  readonly metricsUrl: string | undefined;
}

const probeTimeoutMs = 2_000;
const probeEveryMs = 250;

function driverOf(gateway: ForeignGateway): GatewayDriver {
  return {
    name: "url",
    installed: () => Promise.resolve("not ours to install"),
    install: () => Promise.resolve("not ours to install"),
    start: (start) => reach(gateway, start),
  };
}

async function reach(
  { name, callFor, answers, metricsUrl }: ForeignGateway,
  start: GatewayStart,
): Promise<RunningGateway> {
  const call = routeTable(start.policy.routes, callFor);
  await untilReached(name, answers, start);
  return {
    description: name,
    call,
    ...(metricsUrl === undefined ? {} : { metricsUrl }),
    healthy: answers,
    usage: () => Promise.resolve(undefined),
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}

async function untilReached(name: string, answers: () => Promise<boolean>, start: GatewayStart): Promise<void> {
  const timeout = AbortSignal.timeout(start.readyTimeoutMs);
  while (!(await answers())) {
    start.signal.throwIfAborted();
    if (timeout.aborted) {
      throw environmentNotReady(`nothing answered at ${name} within ${formatDuration(start.readyTimeoutMs)}`, {
        code: "gateway-not-ready",
        hint: "start the gateway first, and check host and port",
      });
    }
    await sleep(probeEveryMs);
  }
}

function readGatewayFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw invalidInput(`cannot read ${file}`, { code: "file-unreadable", hint: "check the path", cause });
  }
}
