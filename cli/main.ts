/** A stand-in until the commands are here: it answers --version and --help, so that the launcher can be tested. */
import { readFileSync } from "node:fs";

/** Runs one command line; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const manifest = new URL("../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const wantsVersion = argv.includes("--version");
  await Promise.resolve();
  process.stdout.write(wantsVersion ? `${version}\n` : "usage: squall <command> [options]\n");
  return 0;
}
