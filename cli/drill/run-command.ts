/** Runs what a command step says, on this machine or over HTTP. No shell reads the words. */
import { execFile } from "node:child_process";
import { assertNever } from "../../core/invariant.ts";
import type { Command, CommandResult } from "../../runbooks/engine/world.ts";

/** Output that is kept: bytes of a program, which is ended when it prints more; characters of a body, of which no more is read. */
const saidMax = 262_144;

/** Rejects when it cannot be started, takes too long, or prints too much; an exit code or a status of its own is an answer. */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { tool, words } = command;
  switch (tool) {
    case "shell": {
      const [file = "", ...args] = words;
      return await runProgram(file, args, command);
    }
    case "kubectl":
      return await runProgram("kubectl", words, command);
    case "http":
      return await request(command);
    default:
      return assertNever(tool);
  }
}

function runProgram(file: string, args: readonly string[], { key, withinMs }: Command): Promise<CommandResult> {
  const env = { ...process.env, SQUALL_IDEMPOTENCY_KEY: key };
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  execFile(file, args, { timeout: withinMs, maxBuffer: saidMax, env }, (error, stdout, stderr) => {
    if (error === null) return resolve({ status: 0, output: stdout });
    // A number is the exit code; everything else says why there is none.
    if (typeof error.code !== "number")
      return reject(new Error(error.killed ? `took longer than ${withinMs} ms` : error.message));
    return resolve({ status: error.code, output: stdout === "" ? stderr : stdout });
  });
  return promise;
}

/** The header is that of the IETF's draft "The Idempotency-Key HTTP Header Field". */
async function request({ words, key, withinMs }: Command): Promise<CommandResult> {
  const [method = "GET", url = "", body] = words;
  const response = await fetch(url, {
    method,
    headers: { "idempotency-key": `"${key}"`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body }),
    redirect: "manual", // an address that was not allowed is not gone to
    signal: AbortSignal.timeout(withinMs),
  });
  return { status: response.status, output: await beginningOf(response) };
}

async function beginningOf({ body }: Response): Promise<string> {
  let text = "";
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (text.length >= saidMax) break; // which ends the connection
  }
  return text.slice(0, saidMax);
}
