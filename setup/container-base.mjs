/**
 * A base image out of what this machine has: the Node that runs this, and the libraries that it loads. For tests of the
 * container image on machines that reach no registry of images.
 *
 *     node setup/container-base.mjs TAG
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findNode24 } from "./node24.mjs";

const tag = process.argv[2];
const folder = mkdtempSync(path.join(tmpdir(), "squall-base-"));
try {
  const node = findNode24();
  copy(node, "/usr/bin/node");
  for (const library of librariesOf(node)) copy(realpathSync(library), library);
  mkdirSync(path.join(folder, "tmp"), { mode: 0o1777 });
  const tar = spawnSync("tar", ["-C", folder, "-c", "."], { maxBuffer: Number.MAX_SAFE_INTEGER });
  if (tar.status !== 0) throw new Error(`tar failed: ${tar.stderr}`);
  execFileSync("docker", ["import", "--change", "ENV PATH=/usr/bin", "-", tag], {
    input: tar.stdout,
    stdio: ["pipe", "ignore", "inherit"],
  });
  console.log(`made ${tag}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function copy(from, to) {
  const place = path.join(folder, to);
  mkdirSync(path.dirname(place), { recursive: true });
  cpSync(from, place);
}

/** Paths as the loader prints them: `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and its own without an arrow. */
function librariesOf(program) {
  const printed = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...printed.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, file]) => file);
}
