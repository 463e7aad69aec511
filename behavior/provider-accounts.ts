/**
 * The accounts of mocked providers. Keys are fixed, so that a run can be repeated by hand, and worthless anywhere else; live
 * and simulated runs use the same ones.
 */
import type { Account } from "./provider-model.ts";
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";

type Keyed = Pick<ProviderSpec, "name" | "keys">;

/** The key that a run sends with. */
export function providerKey({ name, keys }: Keyed): string {
  return keys?.[0]?.apiKey ?? `sk-squall-${name}`;
}

export function providerAccounts(provider: Keyed): readonly Account[] {
  return provider.keys ?? [{ apiKey: providerKey(provider), organization: "org-squall", state: "active" }];
}
