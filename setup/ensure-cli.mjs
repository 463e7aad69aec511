/** Sets up and does nothing else: for CI, and for a person who wants the wait now. */
import { ensureInstalled } from "./ensure.mjs";

process.exitCode = await ensureInstalled();
