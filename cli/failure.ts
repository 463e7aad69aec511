/** How a failed command ends: what the user reads, and the exit code. */
import { type ExitCode, exitCodes, type Problem, SquallError } from "../core/errors.ts";

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

/** Problems of one file that are shown; `--json` has them all. */
const problemsShownMax = 50;

function problemLines(problem: Problem): string[] {
  const lines = [`  ${placeOf(problem)}${problem.message}`];
  return problem.hint === undefined ? lines : [...lines, `    hint: ${problem.hint}`];
}

/** `line 7, traffic.users: `; a path such as `trace.csv:7` says its line itself. */
function placeOf({ path, line }: Problem): string {
  if (line === undefined || path.endsWith(`:${line}`)) return path === "" ? "" : `${path}: `;
  return path === "" ? `line ${line}: ` : `line ${line}, ${path}: `;
}

/** The failure as one JSON document, for `--json`. */
export function failureJson(cause: unknown): string {
  if (cause instanceof SquallError) {
    const { code, message, hint, problems } = cause;
    return JSON.stringify({
      error: {
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(problems.length === 0 ? {} : { problems }),
      },
    });
  }
  return JSON.stringify({ error: { code: "bug", message: cause instanceof Error ? cause.message : String(cause) } });
}

export function exitCodeOf(cause: unknown): ExitCode {
  return cause instanceof SquallError ? cause.exitCode : exitCodes.bug;
}
