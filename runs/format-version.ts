/**
 * Which run folders this Squall reads: every minor version of its own major, older and newer. A minor version only adds
 * fields.
 */
import { invalidInput } from "../core/errors.ts";
import { runFormatVersion } from "../core/run.ts";

/** Throws `run-format` for another major version, or something that is no version. */
export function assertReadable(version: unknown, file: string): void {
  const match = typeof version === "string" ? /^(\d+)\.\d+$/.exec(version) : null;
  const ours = runFormatVersion.split(".")[0];
  if (match?.[1] === ours) return;
  throw invalidInput(`${file} has formatVersion ${JSON.stringify(version) ?? "missing"}; this Squall reads ${ours}.x`, {
    code: "run-format",
    hint:
      match === null
        ? "is this the folder of a run?"
        : "read it with a Squall of the major version that wrote it (squallVersion)",
  });
}
