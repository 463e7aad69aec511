/**
 * HAProxy's runtime API: one command on a connection to its socket, and what it says.
 */
import { connect } from "node:net";
import { environmentNotReady } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";

/** It answers within milliseconds; a machine that is busy takes longer. */
const answerTimeoutMs: Ms = 5_000;
/** `show stat` writes some 300 bytes for each server. */
const answerBytesMax = 1024 * 1024;

/** Throws `haproxy-silent` when nobody answers. What HAProxy refuses, it says in the answer. */
export async function runtimeCommand(socket: string, command: string): Promise<string> {
  const silent = (why: string): Error =>
    environmentNotReady(`HAProxy did not answer "${firstWords(command)}": ${why}`, { code: "haproxy-silent" });
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const connection = connect(socket);
    const fail = (why: string): void => {
      connection.destroy();
      reject(silent(why));
    };
    connection.setTimeout(answerTimeoutMs, () => fail("it took too long"));
    connection.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > answerBytesMax) fail(`more than ${answerBytesMax} bytes came`);
    });
    connection.once("error", (cause) => fail(cause.message));
    connection.once("end", () => {
      connection.destroy();
      resolve(Buffer.concat(chunks).toString("utf8").trim());
    });
    connection.end(`${command}\n`);
  });
}

/** Values can be long, and secret. */
function firstWords(command: string): string {
  return command.split(" ").slice(0, 3).join(" ");
}
