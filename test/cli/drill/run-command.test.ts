/** Commands of runbooks as real processes and requests. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCommand } from "../../../cli/drill/run-command.ts";

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
      "took longer than 300 ms",
    );
    await expect(runCommand(node("process.stdout.write('x'.repeat(300_000))"))).rejects.toThrow("maxBuffer");
  });
});

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
