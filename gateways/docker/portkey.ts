/**
 * Portkey in containers: the pinned packages of its npm installation, laid over an image that has Node.
 *
 * Portkey 1.15.2 listens on every interface, which is what a container needs, and here no preload keeps it from that
 * (`portkey/loopback.ts`): its port is published on loopback only.
 */
import { cpSync } from "node:fs";
import path from "node:path";
import { httpProbe } from "../http-probe.ts";
import { installPortkey, portkeyVersion } from "../portkey/install.ts";
import { portkeyAnswers, portkeyHeaders, trustedHosts } from "../portkey/policy.ts";
import { routeTable } from "../routes.ts";
import type { ContainerForm } from "./container-driver.ts";
import { ensureBuilt } from "./image.ts";

/** Names the image that Portkey's begins with; Node is all that it needs to have. */
const nodeImageVariable = "SQUALL_NODE_IMAGE";
const nodeImageUsual = "node:24-slim";
const home = "/opt/portkey";
/** Portkey's own (`--port` unset). */
const port = 8787;
const probeTimeoutMs = 2_000;

export function portkeyInContainers(env: Readonly<Record<string, string | undefined>>): ContainerForm {
  const named = env[nodeImageVariable];
  const nodeImage = named === undefined || named === "" ? nodeImageUsual : named;
  const tag = `squall-portkey:${portkeyVersion}-on-${nodeImage.replaceAll(/[^A-Za-z0-9.-]+/g, "-")}`;
  return {
    name: "portkey",
    description: `portkey ${portkeyVersion}`,
    image: async (docker, _version, how) => {
      const entry = await installPortkey(how.cacheDir, { ...how, env });
      const dockerfile = [
        `FROM ${nodeImage}`,
        `COPY node_modules ${home}/node_modules`,
        "ENV NODE_ENV=production",
        "USER 1000",
        `EXPOSE ${port}`,
        `CMD ["node", "${home}/node_modules/@portkey-ai/gateway/build/start-server.js", "--headless", "--port=${port}"]`,
        "",
      ].join("\n");
      const packages = packagesOf(entry);
      const layOut = (folder: string): void =>
        cpSync(packages, path.join(folder, "node_modules"), { recursive: true, dereference: false });
      await ensureBuilt(docker, { tag, dockerfile, layOut }, how);
      return tag;
    },
    port,
    env: (policy) => ({ TRUSTED_CUSTOM_HOSTS: trustedHosts(policy) }),
    isWell: async (origin) => portkeyAnswers(await httpProbe(`${origin}/`, probeTimeoutMs)),
    callAt: (origin, policy) => {
      const headers = routeTable(policy.routes, (route) => portkeyHeaders(route, policy));
      return (model) => ({ url: `${origin}/v1/chat/completions`, headers: headers(model) });
    },
    takesPolicyFromRequests: true,
  };
}

/** `…/node_modules/@portkey-ai/gateway/build/start-server.js` lies four folders below. */
function packagesOf(entry: string): string {
  return path.resolve(entry, "../../../..");
}
