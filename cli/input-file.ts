/** Reads what a user names on the command line, and says in words why it cannot be read. */
import { readFile, stat } from "node:fs/promises";
import { invalidInput, type SquallError } from "../core/errors.ts";
import { scenarioBytesMax } from "../core/scenario/parse.ts";

/** The text of a scenario, a configuration, or a larger file. Throws `file-unreadable` or `file-too-large`. */
export async function readInputFile(file: string, bytesMax: number = scenarioBytesMax): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > bytesMax) throw tooLarge(file, size, bytesMax);
    return await readFile(file, "utf8");
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** The error for a file system's refusal to read. Anything else passes unchanged. */
export function unreadable(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !("syscall" in cause) || !("code" in cause)) return cause;
  return invalidInput(`cannot read ${file}: ${reasonsInWords[String(cause.code)] ?? String(cause.code)}`, {
    code: "file-unreadable",
    hint: "check the path",
    cause,
  });
}

const reasonsInWords: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file",
  EACCES: "this user may not read it",
};

function tooLarge(file: string, size: number, bytesMax: number): SquallError {
  return invalidInput(`${file} has ${size} bytes; allowed are ${bytesMax}`, {
    code: "file-too-large",
    hint: "is this a trace? those are given with --trace",
  });
}
