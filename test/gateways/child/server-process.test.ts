import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type ServerCommand, startServer } from "../../../gateways/child/server-process.ts";
import { httpProbe } from "../../../gateways/http-probe.ts";
import { isGone } from "./process-gone.ts";

const silent = "console.log('pid', process.pid); setInterval(() => {}, 1000);";
const beaten = "console.error('Error: listen EADDRINUSE'); process.exit(1);";

describe("startServer", () => {
  it("answers when the server does, on the port it gave it", async () => {
    const { child, port } = await startServer(serverCommand(serving));
    expect(await httpProbe(`http://127.0.0.1:${port}/`, 1_000)).toEqual({ status: 200, text: "hello" });
    await child.stop(1_000);
    expect(isGone(child.pid)).toBe(true);
  });

  it("gives up on a server that never becomes ready, shows the end of its output, and leaves nothing running", async () => {
    const failure = await failureOf(serverCommand(() => silent, { readyTimeoutMs: 300 }));
    expect(failure).toMatchObject({ code: "gateway-not-ready", exitCode: 5 });
    expect(failure.message).toMatch(/^test was not ready within 300 ms; the end of its output:\npid \d+$/);
    expect(isGone(Number(failure.message.split("pid ")[1]))).toBe(true);
  });

  it("does not wait for a server that has ended", async () => {
    const failure = await failureOf(serverCommand(() => "console.error('no such model'); process.exit(3);"));
    expect(failure.message).toBe("test ended before it was ready (exit code 3); the end of its output:\nno such model");
  });

  it("tries another port when somebody took the one it had found", async () => {
    const ports: number[] = [];
    const { child, port } = await startServer(
      serverCommand((candidate) => (ports.push(candidate) < 3 ? beaten : serving(candidate))),
    );
    await child.stop(1_000);
    expect(new Set(ports).size).toBe(3);
    expect(port).toBe(ports[2]);
  });

  it("gives up after three ports", async () => {
    let attempts = 0;
    const failure = await failureOf(serverCommand(() => (attempts++, beaten)));
    expect(attempts).toBe(3);
    expect(failure).toMatchObject({ code: "gateway-not-ready", message: expect.stringContaining("EADDRINUSE") });
  });

  it("refuses a given port that is taken, before it starts anything", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
    });
    const failure = await failureOf(serverCommand(() => expect.unreachable("started a server"), { port }));
    other.close();
    expect(failure).toMatchObject({ code: "port-taken", exitCode: 5 });
    expect(failure.message).toBe(`test cannot listen on 127.0.0.1:${port}: the port is taken`);
  });

  it("stops waiting and stops the server when it is not wanted any more", async () => {
    const abort = new AbortController();
    const reason = new Error("Ctrl-C");
    const probe = (): Promise<boolean> => {
      abort.abort(reason);
      return Promise.resolve(false);
    };
    await expect(startServer(serverCommand(() => silent, { probe, signal: abort.signal }))).rejects.toBe(reason);
  });
});

function serving(port: number): string {
  return `require("node:http").createServer((_, response) => response.end("hello")).listen(${port}, "127.0.0.1");`;
}

function serverCommand(scriptFor: (port: number) => string, changes: Partial<ServerCommand> = {}): ServerCommand {
  return {
    name: "test",
    commandFor: (port) => ({ command: process.execPath, args: ["-e", scriptFor(port)] }),
    probe: async (port) => (await httpProbe(`http://127.0.0.1:${port}/`, 1_000))?.status === 200,
    port: 0,
    readyTimeoutMs: 20_000,
    signal: new AbortController().signal,
    ...changes,
  };
}

async function failureOf(command: ServerCommand): Promise<Error> {
  return startServer(command).then(
    () => expect.unreachable("the server started"),
    (cause: Error) => cause,
  );
}
