/**
 * The gateways Squall can drive. Adding one is copying a folder's shape and naming it here.
 */
import { closest, distance } from "fastest-levenshtein";
import { usageError } from "../core/errors.ts";
import { directDriver } from "./direct/driver.ts";
import type { GatewayDriver } from "./driver.ts";
import { portkeyDriver } from "./portkey/driver.ts";
import { urlDriver } from "./url/driver.ts";

export const gatewayDrivers: Readonly<Record<string, GatewayDriver>> = {
  portkey: portkeyDriver,
  direct: directDriver,
};

/** A wrong letter or two is a slip; more is another word. */
const slipDistanceMax = 3;

/** The driver of that name, or for a gateway that runs at that URL. Throws `unknown-gateway` or `gateway-url`. */
export function gatewayDriver(nameOrUrl: string): GatewayDriver {
  if (nameOrUrl.includes("://")) return urlDriver(nameOrUrl);
  const driver = Object.hasOwn(gatewayDrivers, nameOrUrl) ? gatewayDrivers[nameOrUrl] : undefined;
  if (driver !== undefined) return driver;
  const names = Object.keys(gatewayDrivers);
  const nearest = closest(nameOrUrl.toLowerCase(), names);
  const isSlip = distance(nameOrUrl.toLowerCase(), nearest) <= slipDistanceMax;
  throw usageError(`unknown gateway "${nameOrUrl}"; allowed: ${names.join(", ")}, or a URL`, {
    code: "unknown-gateway",
    hint: isSlip ? `did you mean "${nearest}"?` : "give the gateway's URL, such as http://127.0.0.1:4000/v1",
  });
}
