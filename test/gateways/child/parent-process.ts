/**
 * A process that starts a stubborn child with a worker of its own, prints the pids of both and waits to be killed. Run by
 * child-process.test.ts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "../../../gateways/child/child-process.ts";

const idle = "setInterval(() => {}, 1000);";
const stubborn = `process.on("SIGTERM", () => {});
  console.log(require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(idle)}]).pid); ${idle}`;

const child = await startChild({ name: "stubborn", command: process.execPath, args: ["-e", stubborn] });
while (child.lastLines(1) === "") await sleep(10);
process.stdout.write(`${child.pid} ${child.lastLines(1)}\n`);
