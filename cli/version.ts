/** Version of this package, as its package.json says. */
import { readFileSync } from "node:fs";
import { invariant } from "../core/invariant.ts";
import { packageFile } from "./package-root.ts";

let known: string | undefined;

export function squallVersion(): string {
  known ??= readVersion();
  return known;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  invariant(typeof manifest === "object" && manifest !== null && "version" in manifest, "package.json has a version");
  return String(manifest.version);
}
