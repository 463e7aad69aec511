/**
 * The gateways Squall can drive. Adding one is copying a folder's shape and naming it here.
 */
import { usageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { directDriver } from "./direct/driver.ts";
import { containerDriver } from "./docker/container-driver.ts";
import { litellmInContainers } from "./docker/litellm.ts";
import { portkeyInContainers } from "./docker/portkey.ts";
import type { GatewayDriver } from "./driver.ts";
import { litellmDriver } from "./litellm/driver.ts";
import { portkeyDriver } from "./portkey/driver.ts";
import { tensorzeroDriver } from "./tensorzero/driver.ts";
import { fileDriver, urlDriver } from "./url/driver.ts";

export const gatewayDrivers: readonly GatewayDriver[] = [portkeyDriver, litellmDriver, tensorzeroDriver, directDriver];

export const gatewayNames: readonly string[] = gatewayDrivers.map((driver) => driver.name);

/** What replicas of a gateway are. */
export const replicaKinds = ["process", "docker"] as const;
export type ReplicaKind = (typeof replicaKinds)[number];

/**
 * Gateways that Squall can start in containers. TensorZero's package listens on loopback only, and in a container that is nobody's but
 * its own.
 */
const inContainers: Readonly<Record<string, () => GatewayDriver>> = {
  portkey: () => containerDriver(portkeyInContainers(process.env)),
  litellm: () => containerDriver(litellmInContainers(process.env)),
};

/**
 * The driver of that name, or for a gateway that runs at that URL or is described by that file. Throws `unknown-gateway`,
 * `gateway-url` or `gateway-file-invalid`, and `no-container` where it cannot be had in containers.
 */
export function gatewayDriver(nameOrUrl: string, replicas: ReplicaKind = "process"): GatewayDriver {
  const driver = driverFor(nameOrUrl);
  if (replicas === "process" || driver.name === "container") return driver;
  const contained = inContainers[driver.name];
  if (contained !== undefined) return contained();
  const why = driver.name === "tensorzero" ? ": its package listens where nobody outside reaches it" : "";
  const allowed = `${Object.keys(inContainers).join(", ")}, or a YAML file with \`container\``;
  throw usageError(`${nameOrUrl} cannot be run in containers${why}; allowed: ${allowed}`, {
    code: "no-container",
    hint: "describe an image of it, or of your own, in a file: docs/fleet.md",
  });
}

function driverFor(nameOrUrl: string): GatewayDriver {
  if (nameOrUrl.includes("://")) return urlDriver(nameOrUrl);
  if (/\.ya?ml$/.test(nameOrUrl)) return fileDriver(nameOrUrl);
  const driver = gatewayDrivers.find((each) => each.name === nameOrUrl);
  if (driver !== undefined) return driver;
  throw usageError(`unknown gateway "${nameOrUrl}"; allowed: ${gatewayNames.join(", ")}, a URL or a YAML file`, {
    code: "unknown-gateway",
    hint: "give the gateway's URL, such as http://127.0.0.1:4000/v1",
    ...nearest(nameOrUrl.toLowerCase(), gatewayNames),
  });
}
