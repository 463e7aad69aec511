/**
 * What a command talks to: standard output for results, standard error for progress and complaints, and whether a
 * person is watching. Passed in, so that tests can listen.
 */
import pico from "picocolors";

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

/** The real one. Honours NO_COLOR and FORCE_COLOR through picocolors. */
export function processTerminal(): Terminal {
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    interactive: process.stderr.isTTY && process.env["CI"] === undefined,
    colour: pico.isColorSupported && process.stdout.isTTY,
    width: process.stdout.columns ?? 100,
    env: process.env,
    cwd: process.cwd(),
  };
}
