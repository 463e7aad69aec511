/**
 * The gateways Squall can drive. Adding one is copying a folder's shape and naming it here.
 */
import { closest, distance } from "fastest-levenshtein";
import { usageError } from "../core/errors.ts";
import { directDriver } from "./direct/driver.ts";
import type { GatewayDriver } from "./driver.ts";
import { portkeyDriver } from "./portkey/driver.ts";
import { urlDriver } from "./url/driver.ts";

export const gatewayDrivers: readonly GatewayDriver[] = [portkeyDriver, directDriver];

export const gatewayNames: readonly string[] = gatewayDrivers.map((driver) => driver.name);

/** A wrong letter or two is a slip; more is another word. */
const slipDistanceMax = 3;

/** The driver of that name, or for a gateway that runs at that URL. Throws `unknown-gateway` or `gateway-url`. */
export function gatewayDriver(nameOrUrl: string): GatewayDriver {
  if (nameOrUrl.includes("://")) return urlDriver(nameOrUrl);
  const driver = gatewayDrivers.find((each) => each.name === nameOrUrl);
  if (driver !== undefined) return driver;
  const nearest = closest(nameOrUrl.toLowerCase(), gatewayNames);
  const isSlip = distance(nameOrUrl.toLowerCase(), nearest) <= slipDistanceMax;
  throw usageError(`unknown gateway "${nameOrUrl}"; allowed: ${gatewayNames.join(", ")}, or a URL`, {
    code: "unknown-gateway",
    hint: isSlip ? `did you mean "${nearest}"?` : "give the gateway's URL, such as http://127.0.0.1:4000/v1",
  });
}
