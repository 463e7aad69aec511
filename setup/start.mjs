/** `npm start`: sets everything up, then runs the quick tour. Arguments after `--` go to it. */
import path from "node:path";
import { runChild } from "./child.mjs";
import { ensureInstalled, EXIT_ENVIRONMENT } from "./ensure.mjs";
import { findNode24, node24Missing, ROOT } from "./node24.mjs";

process.exitCode = await start(process.argv.slice(2));

async function start(args) {
  const code = await ensureInstalled();
  if (code !== 0) return code;
  const node = findNode24();
  if (node === undefined) {
    process.stderr.write(`${node24Missing()}\n`);
    return EXIT_ENVIRONMENT;
  }
  return await runChild(node, [path.join(ROOT, "bin", "squall.mjs"), "quickstart", ...args], { tied: true });
}
