/**
 * What a command talks to: standard output for results, standard error for progress and complaints, and whether a
 * person is watching. Passed in, so that tests can listen.
 */
import { exitCodes } from "../core/errors.ts";

export interface Terminal {
  /** Results. With `--json`, exactly one JSON document. */
  readonly out: (text: string) => void;
  /** Progress, warnings, errors. */
  readonly err: (text: string) => void;
  /** A person is watching standard error: progress may redraw its line. */
  readonly interactive: boolean;
  /** Standard output takes colour. */
  readonly colour: boolean;
  /** Columns of the terminal, 100 when there is none. */
  readonly width: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The real one. */
export function processTerminal(): Terminal {
  process.stdout.on("error", (cause) => notWritten("standard output", cause));
  process.stderr.on("error", (cause) => notWritten("standard error", cause));
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    interactive: process.stderr.isTTY && process.env["CI"] === undefined,
    colour: takesColour(process.env, process.stdout.isTTY),
    width: process.stdout.columns ?? 100,
    env: process.env,
    cwd: process.cwd(),
  };
}

/** Whether output is coloured: NO_COLOR (no-color.org) before FORCE_COLOR before whether it is a terminal that can. */
export function takesColour(env: Terminal["env"], isTerminal: boolean): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}

/** A reader that has seen enough (`| head`) is no error; an output that cannot be written is. */
function notWritten(what: string, cause: NodeJS.ErrnoException): void {
  if (cause.code === "EPIPE") return;
  process.stderr.write(`squall: ${what} cannot be written: ${cause.message}\n`, () => undefined);
  process.exit(exitCodes.environment);
}
