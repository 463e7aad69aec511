/**
 * A container that serves HTTP: started, watched, measured, ended. The counterpart of `child/server-process.ts`.
 *
 * Its port is published on loopback only: Docker's default would open a gateway without a key to the whole network.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { environmentNotReady } from "../../core/errors.ts";
import { formatDuration, type Ms, secondMs } from "../../core/time.ts";
import { loopback } from "../child/loopback-port.ts";
import type { ProcessUsage } from "../child/process-usage.ts";
import { lastLines, usageOf } from "./container-accounts.ts";
import { type Container, type Docker, machineName } from "./docker.ts";

export interface ContainerStart {
  /** For messages. */
  readonly name: string;
  readonly image: string;
  /** In place of the image's own. */
  readonly command?: readonly string[] | undefined;
  /** Where it listens, inside. */
  readonly port: number;
  /** Where this machine finds it; 0: any free port. */
  readonly hostPort: number;
  readonly env: Readonly<Record<string, string>>;
  /** Processors it may use; no bound unless given. */
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Folders of this machine that it may read. */
  readonly folders?: readonly MountedFolder[] | undefined;
  /** Whether what is published at this origin answers as it should. Never rejects. */
  readonly probe: (origin: string) => Promise<boolean>;
  readonly readyTimeoutMs: Ms;
  readonly signal: AbortSignal;
}

export interface MountedFolder {
  readonly folder: string;
  /** Where it is, inside. */
  readonly at: string;
}

export interface RunningContainer {
  /** `http://127.0.0.1:49153`. */
  readonly origin: string;
  /** undefined: the daemon does not tell. */
  readonly usage: () => Promise<ProcessUsage | undefined>;
  /** Resolves with a reason if it ends by itself. Never rejects. */
  readonly exited: Promise<string>;
  /** SIGTERM, then SIGKILL after `deadlineMs`; at 0 SIGKILL at once. Removes it. Safe to call twice. */
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

const probeEveryMs = 25;
/** How long one that is not wanted any more may take to end. */
const giveUpDeadlineMs: Ms = 2_000;
const gibibyte = 2 ** 30;

/** Throws `container-not-started` or `gateway-not-ready`, with the end of its output; nothing is left when it throws. */
export async function startContainer(docker: Docker, start: ContainerStart): Promise<RunningContainer> {
  start.signal.throwIfAborted();
  const release = docker.hold();
  const made: Made = { ended: Promise.withResolvers<number>() };
  try {
    const origin = await created(docker, start, made);
    const running = runningContainer(start.name, origin, made, release);
    try {
      await untilReady(start, running, made);
      return running;
    } catch (cause) {
      await running.stop(giveUpDeadlineMs);
      throw cause;
    }
  } catch (cause) {
    await made.container?.remove({ force: true, v: true }).catch(() => undefined); // it may be gone already
    release();
    throw cause;
  }
}

/** What is known of a container from the moment on at which the daemon has made it. */
interface Made {
  container?: Container;
  /** With its exit code; rejects when the daemon cannot say any more. */
  readonly ended: PromiseWithResolvers<number>;
}

async function created(docker: Docker, start: ContainerStart, made: Made): Promise<string> {
  const { name, image, command, port, hostPort, env, cpus, memoryBytes, folders = [] } = start;
  class Replica extends docker.kit.GenericContainer {
    protected override async beforeContainerCreated(): Promise<void> {
      this.hostConfig.PortBindings = { [`${port}/tcp`]: [{ HostIp: loopback, HostPort: String(hostPort) }] };
      this.hostConfig.Init = true; // programs that are no init do not hear SIGTERM as process 1
    }

    protected override async containerCreated(id: string): Promise<void> {
      const container = docker.client.container.getById(id);
      made.container = container;
      const waited: Promise<{ readonly StatusCode: number }> = container.wait({ condition: "next-exit" });
      waited.then(({ StatusCode }) => made.ended.resolve(StatusCode), made.ended.reject);
      made.ended.promise.catch(() => undefined); // asked for below, if anybody wants to know
    }
  }
  const replica = new Replica(image)
    .withLabels(docker.label)
    .withAutoCleanup(false) // container-keeper.ts does that
    .withExposedPorts(port)
    .withExtraHosts([{ host: machineName, ipAddress: "host-gateway" }])
    .withEnvironment(env)
    .withBindMounts(folders.map(({ folder, at }) => ({ source: folder, target: at, mode: "ro" })))
    .withWaitStrategy(waitsForNothing)
    .withResourcesQuota({
      ...(cpus === undefined ? {} : { cpu: cpus }),
      ...(memoryBytes === undefined ? {} : { memory: memoryBytes / gibibyte }),
    });
  if (command !== undefined) replica.withCommand([...command]);
  const notStarted = (why: string, cause?: unknown): Error =>
    environmentNotReady(`${name} could not be started in a container of ${image}: ${why}`, {
      code: "container-not-started",
      hint: `see whether \`docker run --rm ${image}\` works`,
      cause,
    });
  const died = made.ended.promise.then(async (code) => {
    throw notStarted(`it ended at once (${exitInWords(code)})${await said(made)}`);
  });
  const started = replica.start().catch((cause: unknown) => {
    throw notStarted(cause instanceof Error ? cause.message : String(cause), cause);
  });
  const running = await Promise.race([started, died]);
  return `http://${loopback}:${running.getMappedPort(port)}`;
}

/** Whether it is ready is seen here, where one that has died is noticed at once, and one that is not wanted any more is not waited for. */
const waitsForNothing = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout() {
    return this;
  },
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

async function untilReady(start: ContainerStart, { origin, exited }: RunningContainer, made: Made): Promise<void> {
  const { name, probe, readyTimeoutMs, signal } = start;
  const notReady = async (why: string): Promise<Error> =>
    environmentNotReady(`${name} ${why}${await said(made)}`, {
      code: "gateway-not-ready",
      hint: "see that it listens on every address of its container (0.0.0.0), at the port given; a slow one may need a longer --ready-timeout",
    });
  let end: string | undefined;
  void exited.then((why) => {
    end = why;
  });
  const timeout = AbortSignal.timeout(readyTimeoutMs);
  for (;;) {
    const answers = await probe(origin);
    signal.throwIfAborted();
    if (end !== undefined) throw await notReady(`was not ready yet when ${end}`);
    if (answers) return;
    if (timeout.aborted) throw await notReady(`was not ready within ${formatDuration(readyTimeoutMs)}`);
    await sleep(probeEveryMs);
  }
}

function runningContainer(name: string, origin: string, made: Made, release: () => void): RunningContainer {
  const { container } = made;
  let stopping: Promise<void> | undefined;
  const stop = async (deadlineMs: Ms): Promise<void> => {
    if (container !== undefined) {
      // Either fails where it has ended by itself; then there is only something to remove.
      const end = deadlineMs > 0 ? container.stop({ t: Math.ceil(deadlineMs / secondMs) }) : container.kill();
      await end.catch(() => undefined);
      await container.remove({ force: true, v: true }).catch(() => undefined);
    }
    release();
  };
  return {
    origin,
    usage: async () => (container === undefined ? undefined : await usageOf(container)),
    exited: new Promise((resolve) => {
      made.ended.promise.then(
        (code) => {
          if (stopping === undefined) resolve(`${name} ended by itself (${exitInWords(code)})`);
        },
        (cause: unknown) => {
          if (stopping === undefined) resolve(`Docker does not tell of ${name} any more: ${String(cause)}`);
        },
      );
    }),
    stop: (deadlineMs) => (stopping ??= stop(deadlineMs)),
  };
}

/** As the shell has it: 128 and the number of the signal. */
function exitInWords(code: number): string {
  const signal = { 137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM" }[code];
  return signal ?? `exit code ${code}`;
}

async function said({ container }: Made): Promise<string> {
  const lines = container === undefined ? "" : await lastLines(container);
  return lines === "" ? "" : `; the end of its output:\n${lines}`;
}
