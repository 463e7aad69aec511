/**
 * LiteLLM in containers: the pinned packages of its Python installation, lent to an image that has the same Python.
 *
 * They are 690 MB, so they are not copied into an image but read where they lie, and so they have to be for the system of the
 * containers: on Linux they are. Its configuration comes by a variable, and its port is published on loopback only.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { environmentNotReady } from "../../core/errors.ts";
import { installLitellm, litellmFolder, litellmVersion } from "../litellm/install.ts";
import { litellmConfig, ownWays } from "../litellm/policy.ts";
import { callOf, isReady, metricsPath, readyTimeoutMsMin, runServer, settings, warmUp } from "../litellm/proxy.ts";
import { routeTable } from "../routes.ts";
import type { ContainerForm } from "./container-driver.ts";
import { ensureFetched } from "./image.ts";

/** Names the image that has Python; it needs nothing else, but the C library of a usual Linux (no Alpine). */
const pythonImageVariable = "SQUALL_PYTHON_IMAGE";
const packages = "/opt/litellm";
const configVariable = "SQUALL_LITELLM_CONFIG";
/** LiteLLM's own. */
const port = 4000;

/** What is in the variable becomes the file that LiteLLM wants. */
const entry = `
import os, sys
sys.path.insert(0, "${packages}")
file = "/tmp/litellm.yaml"
with open(file, "w") as config:
    config.write(os.environ.pop("${configVariable}"))
sys.argv = ["litellm", "--config", file, "--host", "0.0.0.0", "--port", "${port}", "--telemetry", "False"]
${runServer.replace("; ", "\n")}
`;

export function litellmInContainers(env: NodeJS.ProcessEnv): ContainerForm {
  return {
    name: "litellm",
    description: `litellm ${litellmVersion}`,
    image: async (docker, _version, how) => {
      if (process.platform !== "linux") {
        throw environmentNotReady(
          `litellm can be run in containers on Linux only: its packages here are for ${process.platform}`,
          {
            code: "no-container",
            hint: "describe an image that has LiteLLM in a file: docs/fleet.md",
          },
        );
      }
      await installLitellm(how.cacheDir, { ...how, env });
      const named = env[pythonImageVariable];
      const image =
        named === undefined || named === "" ? `${pythonOf(how.cacheDir).replace("python", "python:")}-slim` : named;
      await ensureFetched(docker, image, `name an image with the same Python in ${pythonImageVariable}`, how);
      return image;
    },
    port,
    command: ["python3", "-c", entry],
    folders: (cacheDir) => [{ folder: packagesIn(cacheDir), at: packages }],
    env: (policy, { key, metrics }) => ({
      ...settings,
      HOME: "/tmp",
      [configVariable]: JSON.stringify(litellmConfig(policy, key, metrics)),
    }),
    isWell: isReady,
    readyTimeoutMsMin,
    warmUp: (origin, { key }, signal) => warmUp(callOf(origin, key), signal),
    callAt: (origin, policy, { key }) => {
      const call = callOf(origin, key);
      return routeTable(policy.routes, () => call);
    },
    ownWays,
    metricsPath: (areAskedFor) => (areAskedFor ? metricsPath : undefined),
    takesPolicyFromRequests: false,
  };
}

/** `python3.11`: what the packages were installed for, and no other Python can load them. */
function pythonOf(cacheDir: string): string {
  const [python = ""] = readdirSync(path.join(litellmFolder(cacheDir), "lib"));
  return python;
}

function packagesIn(cacheDir: string): string {
  return path.join(litellmFolder(cacheDir), "lib", pythonOf(cacheDir), "site-packages");
}
