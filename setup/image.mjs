/**
 * `npm run image`: builds the container image of the mock, with what this checkout holds and without the network.
 *
 *     npm run image -- --tag squall:dev --node-image node:24-slim
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./node24.mjs";
import { stageDependencies, stagePackage } from "./stage.mjs";

const { values } = parseArgs({
  options: {
    tag: { type: "string", default: "squall:latest" },
    "node-image": { type: "string", default: "node:24-slim" },
  },
});
const folder = mkdtempSync(path.join(tmpdir(), "squall-image-"));
try {
  stagePackage(folder);
  stageDependencies(folder);
  const build = ["build", "--quiet", "--build-arg", `NODE_IMAGE=${values["node-image"]}`, "--tag", values.tag];
  execFileSync("docker", [...build, "--file", path.join(ROOT, "Dockerfile"), folder], { stdio: "inherit" });
  console.log(`built ${values.tag}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
