/** Commands of runbooks as real processes and requests. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCommand } from "../../../cli/drill/run-command.ts";
import { runProgram } from "../../../cli/drill/run-program.ts";

function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-command-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const asked = { key: "made/0/step#1.1", withinMs: 20_000 };

describe("a program", () => {
  const node = (script: string, ...args: readonly string[]): Parameters<typeof runCommand>[0] => ({
    ...asked,
    tool: "shell",
    words: [process.execPath, "-e", script, ...args],
  });

  it("is given its words as they are, by no shell, and the key of the step", async () => {
    const script = "console.log(process.argv[1], process.env.SQUALL_IDEMPOTENCY_KEY)";
    expect(await runCommand(node(script, "$(id); a *"))).toEqual({ status: 0, output: "$(id); a * made/0/step#1.1\n" });
  });

  it("answers its exit code, and what it said of it", async () => {
    expect(await runCommand(node("console.error('no such node'); process.exit(3)"))).toEqual({
      status: 3,
      output: "no such node\n",
    });
  });

  it("that is not there, takes too long or says too much is no answer", async () => {
    await expect(runCommand({ ...asked, tool: "shell", words: ["no-such-program-here"] })).rejects.toThrow("ENOENT");
    await expect(runCommand({ ...node("setInterval(() => {}, 1000)"), withinMs: 300 })).rejects.toThrow(
      "took longer than 300 ms, and was ended by SIGTERM",
    );
    await expect(runCommand(node("process.stdout.write('x'.repeat(300_000))"))).rejects.toThrow(
      "printed more than 262144 bytes",
    );
    await expect(runCommand(node("process.kill(process.pid, 'SIGKILL')"))).rejects.toThrow("ended by SIGKILL");
  });

  it("is read to its end though what it started goes on, which is left alone", async () => {
    const pidFile = path.join(freshFolder(), "pid");
    const child = `const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], { stdio: "inherit" });
      require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
      console.log("started"); process.exit(0);`;
    expect(await runCommand(node(child))).toEqual({ status: 0, output: "started\n" });
    const pid = Number(readFileSync(pidFile, "utf8"));
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid, "SIGKILL");
  });

  // It and its child say that they are there, and would rather stay.
  const stubborn = (pidFile: string): string => `
    const stay = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('here');";
    const child = require("node:child_process").spawn(process.execPath, ["-e", stay], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(child.pid)));
    eval(stay);`;

  it.skipIf(process.platform === "win32")(
    "that does not end at SIGTERM is killed after a grace, and all that it started",
    async () => {
      const pidFile = path.join(freshFolder(), "pid");
      const drillOver = new AbortController();
      const ran = runProgram([process.execPath, "-e", stubborn(pidFile)], { ...asked, signal: drillOver.signal }, 200);
      const refused = expect(ran).rejects.toThrow("was broken off: the drill is over, and was ended by SIGKILL");
      await expect
        .poll(() => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "", { timeout: 10_000 })
        .toBe(true);
      drillOver.abort();
      await refused;
      const pid = Number(readFileSync(pidFile, "utf8"));
      await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
    },
  );
});

/** A killed process that nobody has waited for is there, and runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("a request", () => {
  it("carries its key and its body, and goes to no address but its own", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        seen.push(`${request.method} ${request.url} ${String(request.headers["idempotency-key"])} ${body}`);
        if (request.url === "/moved") response.writeHead(302, { location: "/elsewhere" }).end();
        else response.writeHead(request.url === "/broken" ? 500 : 200).end('{"ok":true}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const http = (...words: readonly string[]): Promise<unknown> => runCommand({ ...asked, tool: "http", words });
    expect(await http("POST", `${base}/scale`, '{"replicas":5}')).toEqual({ status: 200, output: '{"ok":true}' });
    expect(await http("GET", `${base}/broken`)).toMatchObject({ status: 500 });
    expect(await http("GET", `${base}/moved`)).toMatchObject({ status: 302 });
    expect(seen).toEqual([
      'POST /scale "made/0/step#1.1" {"replicas":5}',
      'GET /broken "made/0/step#1.1" ',
      'GET /moved "made/0/step#1.1" ',
    ]);
  });

  it("that nobody answers says what was wrong, and how long it was waited for", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const words = ["GET", `http://127.0.0.1:${port}/`];
    await expect(runCommand({ ...asked, tool: "http", words, withinMs: 100 })).rejects.toThrow(
      "took longer than 100 ms",
    );
    server.closeAllConnections();
    server.close();
    await expect(runCommand({ ...asked, tool: "http", words })).rejects.toThrow("ECONNREFUSED");
  });

  it("reads the beginning of an answer that never ends, and hangs up", async () => {
    const left = Promise.withResolvers<void>();
    const server = createServer((_, response) => {
      const more = (): void => {
        while (response.write("x".repeat(65_536)));
      };
      response.on("drain", more).on("close", left.resolve);
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { output } = await runCommand({ ...asked, tool: "http", words: ["GET", address] });
    expect(output).toHaveLength(262_144);
    await left.promise;
  });
});
