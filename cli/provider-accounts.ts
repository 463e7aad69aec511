/**
 * The accounts of mocked providers. Keys are fixed, so that a run can be repeated by hand, and worthless anywhere else; live
 * and simulated runs use the same ones.
 */
import type { Account } from "../behavior/provider-model.ts";
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";

/** The one key of a provider in a run. */
export function providerKey(provider: string): string {
  return `sk-squall-${provider}`;
}

export function providerAccounts(provider: Pick<ProviderSpec, "name">): readonly Account[] {
  return [{ apiKey: providerKey(provider.name), organization: "org-squall", state: "active" }];
}
