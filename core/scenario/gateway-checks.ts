/** Names in what a scenario asks of its gateway: tenants that have limits or budgets, providers that have weights. */
import { quoted } from "../legible.ts";
import { nearest } from "../nearest.ts";
import { entries, field, isMapping } from "../raw-data.ts";
import type { Mistake } from "./problems.ts";

/** Keys of `budgets` that are no tenants. */
const notTenants: ReadonlySet<string> = new Set(["total", "on-breach", "degrade-from"]);

/** Reads the data as it was written, like all cross-checks. */
export function gatewayChecks(data: unknown): readonly Mistake[] {
  return [...tenantsAreKnown(data), ...weightsMeetProviders(data)];
}

function tenantsAreKnown(data: unknown): readonly Mistake[] {
  const tenants = field(field(data, "traffic"), "tenants");
  const known = isMapping(tenants) ? Object.keys(tenants) : ["default"];
  const platform = field(data, "platform");
  return ["tenants", "budgets"].flatMap((section) =>
    entries(field(platform, section)).flatMap(([name]): Mistake[] => {
      if ((section === "budgets" && notTenants.has(name)) || known.includes(name)) return [];
      const message = `is no tenant of the traffic; known are ${known.join(", ")}`;
      return [{ path: ["platform", section, name], message, ...nearest(name, known) }];
    }),
  );
}

function weightsMeetProviders(data: unknown): readonly Mistake[] {
  const providers = field(data, "providers");
  if (!isMapping(providers)) return [];
  const known = Object.keys(providers);
  return entries(field(field(field(data, "platform"), "routing"), "weights")).flatMap(([name]): Mistake[] => {
    if (known.includes(name)) return [];
    const message = `is ${quoted(name)}, which is no provider; known are ${known.join(", ")}`;
    return [{ path: ["platform", "routing", "weights", name], message, ...nearest(name, known) }];
  });
}
