/** How a failed command ends: what the user reads, and the exit code. */
import { type ExitCode, exitCodes, type Problem, SquallError } from "../core/errors.ts";

const problemsShownMax = 50;

/** The text for standard error. Our own bugs show their stack; the user's world shows message, problems and hint. */
export function describeFailure(cause: unknown): string {
  if (!(cause instanceof SquallError)) {
    const trace = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    return `squall: this is a bug in Squall, not in your input.\n${trace}\nhint: please report it with the command line and the scenario.`;
  }
  const shown = cause.problems.slice(0, problemsShownMax).flatMap(problemLines);
  const hidden = cause.problems.length - problemsShownMax;
  return [
    `squall: ${cause.message}`,
    ...shown,
    ...(hidden > 0 ? [`  … and ${hidden} more`] : []),
    ...(cause.hint === undefined ? [] : [`hint: ${cause.hint}`]),
  ].join("\n");
}

function problemLines(problem: Problem): string[] {
  const where = problem.line === undefined ? problem.path : `line ${problem.line}, ${problem.path}`;
  const line = `  ${where === "" ? "" : `${where}: `}${problem.message}`;
  return problem.hint === undefined ? [line] : [line, `    hint: ${problem.hint}`];
}

/** The failure as one JSON document, for `--json`. */
export function failureJson(cause: unknown): string {
  const known = cause instanceof SquallError;
  return JSON.stringify({
    error: {
      code: known ? cause.code : "bug",
      message: cause instanceof Error ? cause.message : String(cause),
      ...(known && cause.hint !== undefined ? { hint: cause.hint } : {}),
      ...(known && cause.problems.length > 0 ? { problems: cause.problems } : {}),
    },
  });
}

export function exitCodeOf(cause: unknown): ExitCode {
  return cause instanceof SquallError ? cause.exitCode : exitCodes.bug;
}
