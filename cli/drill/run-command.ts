/** Runs what a command step says, on this machine or over HTTP. No shell reads the words. */
import { assertNever } from "../../core/invariant.ts";
import { formatDuration } from "../../core/time.ts";
import type { Command, CommandResult } from "../../runbooks/engine/world.ts";
import { runProgram } from "./run-program.ts";

/** Characters of a body that are kept, and no more is read. */
const bodyCharactersMax = 262_144;

/** Rejects when it cannot be run, takes too long, or is broken off; an exit code or a status of its own is an answer. */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { tool, words } = command;
  switch (tool) {
    case "shell":
      return await runProgram(words, command);
    case "kubectl":
      return await runProgram(["kubectl", ...words], command);
    case "http":
      return await request(command);
    default:
      return assertNever(tool);
  }
}

/** The header is that of the IETF's draft "The Idempotency-Key HTTP Header Field". */
async function request({ words, key, withinMs, signal }: Command): Promise<CommandResult> {
  const [method = "GET", url = "", body] = words;
  const overTime = AbortSignal.timeout(withinMs);
  try {
    const response = await fetch(url, {
      method,
      headers: { "idempotency-key": `"${key}"`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body }),
      redirect: "manual", // an address that was not allowed is not gone to
      signal: signal === undefined ? overTime : AbortSignal.any([overTime, signal]),
    });
    return { status: response.status, output: await beginningOf(response) };
  } catch (cause) {
    if (overTime.aborted) throw new Error(`took longer than ${formatDuration(withinMs)}`, { cause });
    // `fetch failed` says nothing; what it was lies beneath.
    throw cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  let text = "";
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (text.length >= bodyCharactersMax) break; // which ends the connection
  }
  return text.slice(0, bodyCharactersMax);
}
