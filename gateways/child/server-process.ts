/**
 * A child process that serves HTTP on a loopback port: start it, wait until it answers, or say why it did not.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { environmentNotReady } from "../../core/errors.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { type ChildCommand, type ChildEnd, describeEnd, type RunningChild, startChild } from "./child-process.ts";
import { assertPortFree, freePort } from "./loopback-port.ts";

export interface ServerCommand {
  readonly name: string;
  readonly commandFor: (port: number) => Omit<ChildCommand, "name">;
  /** Whether the server on this port answers as it should. Never rejects. */
  readonly probe: (port: number) => Promise<boolean>;
  /** 0: any free loopback port. */
  readonly port: number;
  readonly readyTimeoutMs: Ms;
  readonly signal: AbortSignal;
}

export interface RunningServer {
  readonly child: RunningChild;
  readonly port: number;
}

/** Fresh ports tried when somebody takes the one just found free. */
const portAttemptsMax = 3;
/** In Node's words, and in those of Python. */
const portTaken = /EADDRINUSE|address already in use/i;
const probeEveryMs = 25;
/** How long a server that never became ready, or is not wanted any more, may take to end. */
const giveUpDeadlineMs = 2_000;
const outputLines = 15;

/** Throws `port-taken`, `not-started` or `gateway-not-ready`; nothing is left running when it throws. */
export async function startServer(server: ServerCommand): Promise<RunningServer> {
  const fixed = server.port !== 0;
  if (fixed) await assertPortFree(server.port, server.name);
  for (let attempt = 1; ; attempt++) {
    server.signal.throwIfAborted();
    const port = fixed ? server.port : await freePort();
    const child = await startChild({ name: server.name, ...server.commandFor(port) });
    const outcome = await untilReady(server, child, port);
    if (outcome === "ready") return { child, port };
    await child.stop(giveUpDeadlineMs);
    server.signal.throwIfAborted();
    const output = child.lastLines(outputLines);
    if (!fixed && attempt < portAttemptsMax && portTaken.test(output)) continue;
    throw environmentNotReady(
      `${server.name} ${outcome}${output === "" ? "" : `; the end of its output:\n${output}`}`,
      {
        code: "gateway-not-ready",
        hint: "run `squall doctor` to see what this machine lacks; a slow machine may need a longer --ready-timeout",
      },
    );
  }
}

/** `ready`, or what went wrong in words. */
async function untilReady(server: ServerCommand, child: RunningChild, port: number): Promise<string> {
  let end: ChildEnd | undefined;
  void child.ended.then((told) => {
    end = told;
  });
  const timeout = AbortSignal.timeout(server.readyTimeoutMs);
  for (;;) {
    const answers = await server.probe(port);
    if (end !== undefined) return `ended before it was ready (${describeEnd(end)})`;
    if (answers) return "ready";
    if (server.signal.aborted) return "was not wanted any more";
    if (timeout.aborted) return `was not ready within ${formatDuration(server.readyTimeoutMs)}`;
    await sleep(probeEveryMs);
  }
}
