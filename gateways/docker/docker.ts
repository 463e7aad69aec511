/**
 * The Docker daemon that this user reaches, by way of testcontainers: which finds it (sockets, contexts, Docker Desktop, Colima,
 * a remote host) as every other tool of a team that uses it does.
 *
 * testcontainers is no dependency of Squall but an optional peer: whoever plays a fleet in containers installs it.
 */
import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import type * as Testcontainers from "testcontainers";
import { environmentNotReady, type SquallError } from "../../core/errors.ts";
import { guardContainers } from "./container-keeper.ts";

/** A container as the daemon's client has it. */
export type Container = ReturnType<RuntimeClient["container"]["getById"]>;

type RuntimeClient = Awaited<ReturnType<typeof Testcontainers.getContainerRuntimeClient>>;

export interface Docker {
  /** `docker 20.10.24`. */
  readonly description: string;
  readonly kit: typeof Testcontainers;
  readonly client: RuntimeClient;
  /** Every container of this process carries it; what carries it does not outlive this process. */
  readonly label: Readonly<Record<string, string>>;
  /** To be called when a container is made, and its answer when it is gone. */
  readonly hold: () => () => void;
  /**
   * Address of this machine on the network of its containers: what listens there is reached from containers, and by nobody
   * else. undefined: Docker runs in a machine of its own (Docker Desktop), which leads what is sent to `host.docker.internal` to
   * this machine's loopback.
   */
  readonly machineAddress: string | undefined;
}

/** How containers call the machine that they run on. */
export const machineName = "host.docker.internal";
/** Label of everything that is made here; its value names the process. */
const squallLabel = "squall.run";

export const dockerInstall = "start Docker, and install testcontainers beside Squall: npm install testcontainers";

let connected: Promise<Docker> | undefined;

/** One connection per process. Throws `docker-missing`. */
export function connectDocker(): Promise<Docker> {
  connected ??= connect().catch((cause: unknown) => {
    connected = undefined; // whoever asks again after somebody has started the daemon is to find it
    throw cause;
  });
  return connected;
}

async function connect(): Promise<Docker> {
  const kit = await loadKit();
  const client = await kit.getContainerRuntimeClient().catch((cause: unknown) => {
    throw dockerMissing("no Docker daemon answers this user", cause);
  });
  const { Version: version } = await client.container.dockerode.version();
  const label = { [squallLabel]: randomUUID() };
  return {
    description: `docker ${version.split("+")[0] ?? version}`,
    kit,
    client,
    label,
    hold: guardContainers(label),
    machineAddress: await machineAddress(client),
  };
}

async function loadKit(): Promise<typeof Testcontainers> {
  try {
    return await import("testcontainers");
  } catch (cause) {
    throw dockerMissing("testcontainers is not installed, by which Squall speaks to Docker", cause);
  }
}

function dockerMissing(why: string, cause: unknown): SquallError {
  return environmentNotReady(`replicas in containers need Docker: ${why}`, {
    code: "docker-missing",
    hint: dockerInstall,
    cause,
  });
}

/**
 * The gateway of Docker's default network, where one can listen on it here. Node does not list that address as one of this
 * machine's as long as no container runs (the interface is up, and has no carrier).
 */
async function machineAddress({ container }: RuntimeClient): Promise<string | undefined> {
  const bridge = await container.dockerode
    .getNetwork("bridge")
    .inspect()
    .catch(() => undefined); // a daemon without that network is none of the usual ones
  for (const { Gateway: address } of bridge?.IPAM?.Config ?? []) {
    if (address !== undefined && (await isOurs(address))) return address;
  }
  return undefined;
}

function isOurs(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}
