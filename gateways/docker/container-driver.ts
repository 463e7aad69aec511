/**
 * A gateway whose replicas are containers: the driver contract over an image in place of a program.
 *
 * Containers are on Docker's own network, with a port of theirs published on this machine's loopback: so an image may listen
 * where it always does, several replicas of it side by side, on Linux and under Docker Desktop alike; with the machine's own
 * network (`--network host`) every image would have to take its port from us. In return the providers have to be reached from there:
 * on Linux the mocks listen on this machine's address in Docker's network (`upstreamHost`), elsewhere Docker leads them here.
 */
import { randomUUID } from "node:crypto";
import type { Ms } from "../../core/time.ts";
import type { Installation } from "../install/installation.ts";
import type {
  GatewayCall,
  GatewayDriver,
  GatewayPolicy,
  GatewayStart,
  Refusals,
  RunningGateway,
  UpstreamProvider,
} from "../driver.ts";
import { type MountedFolder, startContainer } from "./container.ts";
import { connectDocker, type Docker, machineName } from "./docker.ts";

/** What has to be known of a gateway to run it as containers. */
export interface ContainerForm {
  /** For messages: `portkey`. */
  readonly name: string;
  /** `portkey 1.15.2`. */
  readonly description: string;
  /** The image of a version of the gateway, which is there when this resolves; undefined: of the first one. */
  readonly image: (docker: Docker, version: string | undefined, how: ImageNeeds) => Promise<string>;
  /** Names of the versions that there are besides the first; absent: any other is the same image under another name. */
  readonly versions?: readonly string[];
  /** Where it listens, inside. */
  readonly port: number;
  /** In place of the image's own command. */
  readonly command?: readonly string[] | undefined;
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Folders of this machine that it may read, by where Squall keeps what it installs. */
  readonly folders?: (cacheDir: string) => readonly MountedFolder[];
  /** Its providers are named as containers reach them. */
  readonly env: (policy: GatewayPolicy, asked: AskedOfForm) => Readonly<Record<string, string>>;
  /** Whether what is published there answers as it should. Never rejects. */
  readonly isWell: (origin: string) => Promise<boolean>;
  /** It takes this long to become ready, whatever somebody would wait. */
  readonly readyTimeoutMsMin?: Ms;
  /** What it needs before it is as fast as it will be. */
  readonly warmUp?: (origin: string, asked: AskedOfForm, signal: AbortSignal) => Promise<void>;
  readonly callAt: (origin: string, policy: GatewayPolicy, asked: AskedOfForm) => (model: string) => GatewayCall;
  /** What of the policy it does in its own way, in words. */
  readonly ownWays?: (policy: GatewayPolicy) => readonly string[];
  /** Where Prometheus finds its metrics, which it may only have where they are asked for; absent: it has none. */
  readonly metricsPath?: (areAskedFor: boolean) => string | undefined;
  /** Whether each request brings its policy with it. */
  readonly takesPolicyFromRequests: boolean;
  readonly refusals?: Refusals;
}

export interface AskedOfForm {
  /** What its clients send, where it asks for a key. */
  readonly key: string;
  readonly metrics: boolean;
}

export interface ImageNeeds extends Pick<Installation, "onProgress" | "signal"> {
  readonly cacheDir: string;
}

export function containerDriver(form: ContainerForm): GatewayDriver {
  return {
    name: "container",
    installed: () => Promise.resolve(undefined),
    install: async (cacheDir, onProgress, signal) => {
      return await form.image(await connectDocker(), undefined, { cacheDir, onProgress, signal });
    },
    ...(form.versions === undefined ? {} : { versions: form.versions }),
    ...(form.refusals === undefined ? {} : { refusals: form.refusals }),
    ...(form.takesPolicyFromRequests ? { isRoutedPerRequest: true as const } : {}),
    upstreamHost: async () => (await connectDocker()).machineAddress,
    start: (start) => startReplica(form, start),
  };
}

async function startReplica(form: ContainerForm, start: GatewayStart): Promise<RunningGateway> {
  const docker = await connectDocker();
  const policy = seenFromContainers(start.policy);
  const asked = { key: start.key ?? `sk-squall-${randomUUID()}`, metrics: start.metrics === true };
  const { name, port, command, cpus, memoryBytes, isWell } = form;
  const callAt = (origin: string, to: GatewayPolicy): RunningGateway["call"] => form.callAt(origin, to, asked);
  callAt("http://127.0.0.1:1", policy); // a route that cannot be rendered is told before anything starts
  for (const way of form.ownWays?.(policy) ?? []) start.onProgress(`${name} ${way}`);
  const { origin, usage, exited, stop } = await startContainer(docker, {
    name,
    image: await form.image(docker, start.version, start),
    port,
    hostPort: start.port,
    command,
    cpus,
    memoryBytes,
    folders: form.folders?.(start.cacheDir),
    env: form.env(policy, asked),
    probe: isWell,
    readyTimeoutMs: Math.max(start.readyTimeoutMs, form.readyTimeoutMsMin ?? 0),
    signal: start.signal,
  });
  await form.warmUp?.(origin, asked, start.signal).catch(async (cause: unknown) => {
    await stop(0);
    throw cause;
  });
  const metricsPath = form.metricsPath?.(asked.metrics);
  return {
    description: `${form.description} in a container (${docker.description})`,
    call: callAt(origin, policy),
    ...(form.takesPolicyFromRequests ? { callUnder: (next) => callAt(origin, seenFromContainers(next)) } : {}),
    ...(metricsPath === undefined ? {} : { metricsUrl: `${origin}${metricsPath}` }),
    healthy: () => isWell(origin),
    usage,
    exited,
    stop,
  };
}

/** Loopback is another one in there. */
function seenFromContainers(policy: GatewayPolicy): GatewayPolicy {
  const seen = (provider: UpstreamProvider): UpstreamProvider => {
    const url = new URL(provider.baseUrl);
    if (!isLoopback(url.hostname)) return provider;
    url.hostname = machineName;
    return { ...provider, baseUrl: url.href.replace(/\/$/, "") };
  };
  return { ...policy, routes: policy.routes.map((route) => ({ ...route, providers: route.providers.map(seen) })) };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
