/** What every command is given. */
import type { ExitCode } from "../core/errors.ts";
import type { Interrupts } from "./interrupt.ts";
import type { Terminal } from "./terminal.ts";

export interface CommandContext {
  readonly terminal: Terminal;
  readonly interrupts: Interrupts;
  /** Sets the exit code of a command that ended as planned; without it, 130 after an interrupt and 0 otherwise. */
  readonly exit: (code: ExitCode) => void;
}
