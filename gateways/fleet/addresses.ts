/** Where the processes of a gateway are, and what they want to be told: taken from how they are called. */
import { invariant } from "../../core/invariant.ts";
import type { GatewayCall, GatewayPolicy } from "../driver.ts";
import type { HeaderValues } from "../haproxy/front.ts";

type CallOf = (model: string) => GatewayCall;

/** What a gateway wants in the headers of a request for each model. */
export function headerValues(policy: GatewayPolicy, call: CallOf): HeaderValues {
  const values = new Map<string, Record<string, string>>();
  for (const { model } of policy.routes) {
    for (const [header, value] of Object.entries(call(model).headers)) {
      values.set(header, { ...values.get(header), [model]: value });
    }
  }
  return values;
}

export function pathOf(policy: GatewayPolicy, call: CallOf): string {
  const { pathname, search } = new URL(call(firstModel(policy)).url);
  return pathname + search;
}

export function firstModel({ routes }: GatewayPolicy): string {
  const [route] = routes;
  invariant(route !== undefined, "a scenario has a route");
  return route.model;
}

export function portOf(policy: GatewayPolicy, call: CallOf): number {
  return Number(new URL(call(firstModel(policy)).url).port);
}
