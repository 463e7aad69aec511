import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { describeEnd, type RunningChild, startChild } from "../../../gateways/child/child-process.ts";
import { isGone, untilGone } from "./process-gone.ts";

const idle = "setInterval(() => {}, 1000);";
const ignoreTerm = "process.on('SIGTERM', () => console.log('no')); console.log('deaf');";

describe("startChild", () => {
  it("ends a willing program with SIGTERM, and says that it was asked to", async () => {
    const child = await startNode(idle);
    await child.stop(5_000);
    expect(await child.ended).toEqual({ code: null, signal: "SIGTERM", stopped: true });
    expect(isGone(child.pid)).toBe(true);
  });

  it("kills a program that ignores SIGTERM once the deadline has passed", async () => {
    const child = await startNode(ignoreTerm + idle);
    await vi.waitUntil(() => child.lastLines(1) === "deaf");
    await child.stop(100);
    expect(await child.ended).toEqual({ code: null, signal: "SIGKILL", stopped: true });
    expect(isGone(child.pid)).toBe(true);
  });

  it("may be stopped twice at once, and again afterwards", async () => {
    const child = await startNode(idle);
    await Promise.all([child.stop(5_000), child.stop(5_000)]);
    await child.stop(5_000);
    expect(isGone(child.pid)).toBe(true);
  });

  it("tells the exit code of a program that ends by itself, and has all of its output by then", async () => {
    const child = await startNode("console.log('one'); console.error('two'); process.exitCode = 7;");
    const end = await child.ended;
    expect(end).toEqual({ code: 7, signal: null, stopped: false });
    expect(describeEnd(end)).toBe("exit code 7");
    expect(child.lastLines(9).split("\n").toSorted()).toEqual(["one", "two"]);
  });

  it("tells when somebody else killed the program", async () => {
    const child = await startNode(idle);
    process.kill(child.pid, "SIGKILL");
    expect(await child.ended).toEqual({ code: null, signal: "SIGKILL", stopped: false });
  });

  it("passes the first line of standard output on, however it was cut, and no other line", async () => {
    const told: string[] = [];
    const child = await startChild({
      name: "test",
      command: process.execPath,
      args: [
        "-e",
        "process.stdout.write('{\"port\":'); setTimeout(() => process.stdout.write('1}\\nmore\\nlines\\n'), 20);",
      ],
      onFirstLine: (line) => told.push(line),
    });
    await child.ended;
    expect(told).toEqual(['{"port":1}']);
  });

  it("says which command could not be run", async () => {
    await expect(startChild({ name: "balancer", command: "/nowhere/haproxy", args: [] })).rejects.toMatchObject({
      code: "not-started",
      exitCode: 5,
      message: expect.stringContaining("balancer could not be started: spawn /nowhere/haproxy ENOENT"),
    });
  });

  it("ends what the program had started, when the program ends", async () => {
    const child = await startNode(
      `const worker = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(idle)}]);
       console.log(worker.pid); setTimeout(() => process.exit(0), 50);`,
    );
    await child.ended;
    await untilGone(Number(child.lastLines(1)));
  });

  it("ends the program when its guard is killed", async () => {
    const child = await startNode("console.log(process.ppid);" + idle);
    await vi.waitUntil(() => child.lastLines(1) !== "");
    process.kill(Number(child.lastLines(1)), "SIGKILL");
    await child.ended;
    await untilGone(child.pid);
  });

  it("passes a signal to its guard on to the program, and insists", async () => {
    const child = await startNode(`console.log(process.ppid); ${ignoreTerm}` + idle);
    await vi.waitUntil(() => child.lastLines(1) === "deaf");
    process.kill(Number(child.lastLines(2).split("\n")[0]), "SIGTERM");
    expect(await child.ended).toEqual({ code: null, signal: "SIGKILL", stopped: false });
    expect(child.lastLines(1)).toBe("no");
    expect(isGone(child.pid)).toBe(true);
  });

  it("leaves nothing behind when this process is killed the hard way", async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("./parent-process.ts", import.meta.url))], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(parent.stdout.setEncoding("utf8"), "data");
    const pids = String(line).trim().split(" ").map(Number);
    expect(pids.map(isGone)).toEqual([false, false]);
    parent.kill("SIGKILL");
    for (const pid of pids) await untilGone(pid);
  });
});

function startNode(script: string): Promise<RunningChild> {
  return startChild({ name: "test", command: process.execPath, args: ["-e", script] });
}
