/** Says that something long is going on: a spinner with the elapsed time on a terminal, plain lines elsewhere. */

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const PLAIN_EVERY_MS = 15_000;

/** Starts telling; the answer's `succeed` or `fail` ends it with a closing line. All of it goes to stderr. */
export function startProgress(what) {
  const startedAt = performance.now();
  const out = process.stderr;
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  let frame = 0;
  if (!out.isTTY) out.write(`set-up: ${what} (first start, or the lock file changed) ...\n`);
  const timer = out.isTTY
    ? setInterval(() => {
        out.write(`\r\u001b[2K${FRAMES[frame++ % FRAMES.length]} set-up: ${what} ${elapsed()}`);
      }, FRAME_MS)
    : setInterval(() => out.write(`set-up: still ${what}, ${elapsed()}\n`), PLAIN_EVERY_MS);
  const end = (text) => {
    clearInterval(timer);
    out.write(`${out.isTTY ? "\r\u001b[2K" : ""}set-up: ${text} (${elapsed()})\n`);
  };
  return { succeed: end, fail: end };
}
