/**
 * What the k6 engine needs of whoever starts programs on this machine: it starts k6, and Go where k6 has to be built.
 */
import type { Ms } from "../../core/time.ts";

export interface ProgramCommand {
  /** For messages: `k6`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Told all of its standard output as it comes. */
  readonly onOutput?: (bytes: Buffer) => void;
}

export interface RunningProgram {
  readonly pid: number;
  /** Resolves once it has ended and its output has been told, for whatever reason. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** What it printed last, at most this many lines. */
  readonly lastLines: (count: number) => string;
  /** Asks it to end, kills it after `deadlineMs`; resolves when it is gone. Safe to call twice. */
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether `stop` had been called before. */
  readonly stopped: boolean;
}

/** Throws `not-started` when the command cannot be run. A program that is started never outlives this process. */
export type StartProgram = (command: ProgramCommand) => Promise<RunningProgram>;

/** `exit code 1`, `SIGKILL`: for messages. */
export function endInWords({ code, signal }: ProgramEnd): string {
  return signal === null ? `exit code ${code ?? "unknown"}` : signal;
}
