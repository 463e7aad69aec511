/**
 * Base images out of what this machine has, for tests of fleets in containers: no registry of images is asked. Built before the tests
 * of a file, gone after them.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { cacheFolder } from "../../gateways/cache.ts";
import { litellmVersion } from "../../gateways/litellm/install.ts";
import { portkeyVersion } from "../../gateways/portkey/install.ts";
import { fixture, root } from "./squall-process.ts";

export const nodeBase = "squall-fleet-node:local";
/** What Squall builds on it. */
const portkeyImage = `squall-portkey:${portkeyVersion}-on-${nodeBase.replace(":", "-")}`;
export const pythonBase = "squall-fleet-python:local";
/** Two versions of the gateway in fixtures/own-gateway. */
export const ownGateway = { first: "squall-fleet-own:1", second: "squall-fleet-own:2" } as const;

const docker = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { encoding: "utf8", timeout: 20_000 });
export const hasDocker: boolean = docker.status === 0 && process.platform === "linux";

/** FastAPI and uvicorn come with LiteLLM. */
const python = path.join(cacheFolder(process.env), "gateways", `litellm-${litellmVersion}`, "bin", "python");
export const hasFastApi: boolean = existsSync(python);

const buildMsMax = 120_000;

export function withDockerImages(): void {
  beforeAll(() => {
    if (!hasDocker) return;
    execFileSync(process.execPath, [path.join(root, "setup/container-base.mjs"), nodeBase]);
    if (hasFastApi) buildOwnGateway();
  }, buildMsMax);
  afterAll(() => {
    const images = [portkeyImage, nodeBase, ownGateway.first, ownGateway.second, pythonBase];
    if (hasDocker) spawnSync("docker", ["rmi", "--force", ...images]);
  });
}

function buildOwnGateway(): void {
  const folder = fixture("own-gateway");
  const lent = path.join(path.dirname(path.dirname(python)), "lib");
  const base = execFileSync(python, [path.join(folder, "base.py"), lent], { maxBuffer: Number.MAX_SAFE_INTEGER });
  execFileSync("docker", ["import", "--change", "ENV PATH=/usr/bin", "-", pythonBase], { input: base, stdio: "pipe" });
  for (const tag of Object.values(ownGateway)) {
    const built = ["build", "--quiet", "--build-arg", `BASE=${pythonBase}`, "--tag", tag, folder];
    execFileSync("docker", built, { stdio: "ignore" });
  }
}

/** Ids of the containers of fleets that run now. */
export function fleetContainers(): readonly string[] {
  const ids = execFileSync("docker", ["ps", "--all", "--quiet", "--filter", "label=squall.run"], { encoding: "utf8" });
  return ids.split("\n").filter((id) => id !== "");
}
