/** A terminal that keeps what is printed, for commands that are run in this process. */
import { main } from "../../cli/main.ts";
import type { Terminal } from "../../cli/terminal.ts";

export interface Listening extends Terminal {
  readonly printed: () => { readonly out: string; readonly err: string };
}

export function listeningTerminal(changes: Partial<Terminal> = {}): Listening {
  const said: Record<"out" | "err", string[]> = { out: [], err: [] };
  return {
    out: (text) => void said.out.push(text),
    err: (text) => void said.err.push(text),
    interactive: false,
    colour: false,
    width: 100,
    env: {},
    cwd: process.cwd(),
    printed: () => ({ out: said.out.join("\n"), err: said.err.join("\n") }),
    ...changes,
  };
}

/** Runs one command line here. */
export async function runCommandLine(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const terminal = listeningTerminal();
  const code = await main(argv, terminal);
  const { out, err } = terminal.printed();
  return { code, out, err };
}
