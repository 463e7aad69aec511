/** Where this package lies: its files are found the same way from the sources and from `dist`. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Absolute path of a file of the package, named relative to its root. */
export function packageFile(name: string): string {
  const fromSource = fileURLToPath(new URL("../package.json", import.meta.url));
  const root = existsSync(fromSource) ? new URL("../", import.meta.url) : new URL("../../", import.meta.url);
  return fileURLToPath(new URL(name, root));
}
