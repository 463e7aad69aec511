/** A folder of its own for one test, gone with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** A path in a fresh folder; the path itself does not exist. */
export function freshFolder(): string {
  const home = mkdtempSync(path.join(tmpdir(), "squall-run-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return path.join(home, "out");
}
