/**
 * No gateway: clients call the provider themselves. What a gateway costs is the difference to this.
 */
import type { GatewayDriver, GatewayStart, RunningGateway } from "../driver.ts";
import { routeTable } from "../routes.ts";
import { directCall, unservedPolicy } from "./policy.ts";

export const directDriver: GatewayDriver = {
  name: "direct",
  installed: () => Promise.resolve("nothing to install"),
  install: () => Promise.resolve("nothing to install"),
  start: (start) => Promise.resolve().then(() => direct(start)),
};

function direct(start: GatewayStart): RunningGateway {
  const unserved = unservedPolicy(start.policy);
  if (unserved.length > 0) start.onProgress(`no gateway, so nobody does ${unserved.join(", ")}`);
  return {
    description: "direct",
    call: routeTable(start.policy.routes, directCall),
    healthy: () => Promise.resolve(true),
    usage: () => Promise.resolve(undefined),
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}
