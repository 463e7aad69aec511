/** A process that starts a stubborn child, prints the child's pid and waits to be killed. Run by child-process.test.ts. */
import { startChild } from "../../../gateways/child/child-process.ts";

const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);";
const child = await startChild({ name: "stubborn", command: process.execPath, args: ["-e", stubborn] });
process.stdout.write(`${child.pid}\n`);
