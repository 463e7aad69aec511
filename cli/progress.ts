/**
 * Progress of long work, on standard error: one line that redraws itself on a terminal, a plain line per step elsewhere.
 */
import type { Terminal } from "./terminal.ts";

export interface Progress {
  /** Begins a step; ends the one before as done. */
  readonly step: (title: string) => void;
  /** Says how the present step is going (`42 of 80 requests, 3 failed`). Shown on a terminal only. */
  readonly detail: (text: string) => void;
  /** A line of its own that stays. */
  readonly note: (text: string) => void;
  /** Ends the last step. */
  readonly done: () => void;
  /** Leaves the present step as broken off. */
  readonly fail: () => void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const redrawEveryMs = 100;

export function startProgress(terminal: Terminal): Progress {
  return terminal.interactive ? redrawing() : plain(terminal);
}

function plain(terminal: Terminal): Progress {
  return {
    step: (title) => terminal.err(`· ${title}`),
    detail: () => undefined,
    note: (text) => terminal.err(`  ${text}`),
    done: () => undefined,
    fail: () => undefined,
  };
}

function redrawing(): Progress {
  let title = "";
  let detail = "";
  let startedAtMs = 0;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const write = (text: string): void => {
    process.stderr.write(`\r\u001b[2K${text}`);
  };
  const elapsed = (): string => `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
  const draw = (): void => {
    frame = (frame + 1) % frames.length;
    const line = `${frames[frame] ?? ""} ${title}  ${elapsed()}${detail === "" ? "" : `  ${detail}`}`;
    write(line.slice(0, Math.max(20, (process.stderr.columns ?? 100) - 1)));
  };
  const close = (mark: string): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    write(`${mark} ${title}  ${elapsed()}\n`);
  };
  return {
    step: (next) => {
      close("✓");
      title = next;
      detail = "";
      startedAtMs = performance.now();
      timer = setInterval(draw, redrawEveryMs);
      timer.unref();
      draw();
    },
    detail: (text) => {
      detail = text;
    },
    note: (text) => write(`  ${text}\n`),
    done: () => close("✓"),
    fail: () => close("✗"),
  };
}
