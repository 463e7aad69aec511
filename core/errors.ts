/**
 * Errors of the user's world: bad input, a missing tool, a busy port.
 *
 * Message shape: what failed · what was given · what is allowed · what to do (the hint). Several problems found
 * in one file travel together, so that a user mends them in one go.
 */

/** Exit codes of the `squall` binary. Fixed by contract (ARCHITECTURE.md, "Contracts"). */
export const exitCodes = {
  pass: 0,
  bug: 1,
  usage: 2,
  invalidInput: 3,
  objectiveMissed: 4,
  environment: 5,
  inconclusive: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One thing wrong with one place in the input. */
export interface Problem {
  /** Where: a path in a document (`traffic.arrivals[0].rate`) or a line (`trace.csv:17`). */
  readonly path: string;
  /** What is wrong, in words, with what was given and what is allowed. */
  readonly message: string;
  /** What to do, if there is something sensible to say. */
  readonly hint?: string;
  /** 1-based line in the file, if known. */
  readonly line?: number;
}

export interface SquallErrorOptions {
  /** Stable, kebab-case, for programs: `port-taken`, `trace-malformed`. */
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint?: string;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/** An expected failure, told to the user without a stack trace. */
export class SquallError extends Error {
  override readonly name = "SquallError";
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  readonly problems: readonly Problem[];

  constructor(message: string, options: SquallErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.exitCode = options.exitCode;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }
}

/** The input (scenario, trace, config) cannot be used. Exit code 3. */
export function invalidInput(message: string, options: Omit<SquallErrorOptions, "exitCode">): SquallError {
  return new SquallError(message, { ...options, exitCode: exitCodes.invalidInput });
}

/** The machine is not ready: a tool is missing, a port is taken, a child did not start. Exit code 5. */
export function environmentNotReady(message: string, options: Omit<SquallErrorOptions, "exitCode">): SquallError {
  return new SquallError(message, { ...options, exitCode: exitCodes.environment });
}

/** The command line itself is wrong. Exit code 2. */
export function usageError(message: string, options: Omit<SquallErrorOptions, "exitCode">): SquallError {
  return new SquallError(message, { ...options, exitCode: exitCodes.usage });
}
