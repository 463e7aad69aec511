/**
 * Keys that a mocked provider takes besides the one that a run sends with, so that a key can be changed while requests go
 * on: the new one is taken before the old one is revoked. All belong to one account, so limits are shared as ever.
 */
import { providerAccounts, providerKey } from "../../behavior/provider-accounts.ts";
import type { Account } from "../../behavior/provider-model.ts";
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";

/** Changes of a key in one run. */
const changesMax = 8;

/** In the order in which they are used. */
export function spareKeys(provider: Pick<ProviderSpec, "name" | "keys">): readonly string[] {
  return Array.from({ length: changesMax }, (_, index) => `${providerKey(provider)}-${index + 2}`);
}

export function accountsWithSpares(provider: Pick<ProviderSpec, "name" | "keys">): readonly Account[] {
  const accounts = providerAccounts(provider);
  const [first] = accounts;
  if (first === undefined) return accounts;
  return [...accounts, ...spareKeys(provider).map((apiKey) => ({ ...first, apiKey }))];
}
