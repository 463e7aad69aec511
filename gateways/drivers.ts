/**
 * The gateways Squall can drive. Adding one is copying a folder's shape and naming it here.
 */
import { usageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { directDriver } from "./direct/driver.ts";
import type { GatewayDriver } from "./driver.ts";
import { litellmDriver } from "./litellm/driver.ts";
import { portkeyDriver } from "./portkey/driver.ts";
import { tensorzeroDriver } from "./tensorzero/driver.ts";
import { fileDriver, urlDriver } from "./url/driver.ts";

export const gatewayDrivers: readonly GatewayDriver[] = [portkeyDriver, litellmDriver, tensorzeroDriver, directDriver];

export const gatewayNames: readonly string[] = gatewayDrivers.map((driver) => driver.name);

/**
 * The driver of that name, or for a gateway that runs at that URL or is described by that file. Throws `unknown-gateway`,
 * `gateway-url` or `gateway-file-invalid`.
 */
export function gatewayDriver(nameOrUrl: string): GatewayDriver {
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
