/** `npm test`: sets everything up, then runs every test. Arguments after `--` go to vitest. */
import { runTasks } from "./tasks.mjs";

process.exitCode = await runTasks("test", process.argv.slice(2));
