/** `npm run NAME` for everything but start and test: sets up, then runs that task of tasks.mjs on Node 24. */
import { runTasks } from "./tasks.mjs";

const [name, ...args] = process.argv.slice(2);
process.exitCode = await runTasks(name, args);
