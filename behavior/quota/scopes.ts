/**
 * Whose limits a call must pass: all of them. Limits nest, and the one that is last to have room is the one that a refusal names.
 *
 *     organization, per model family ▸ organization, all models ▸ project, per family ▸ project, all models ▸ key, all models
 *
 * A region has limits of its own by being another provider.
 */
import type { Account, Limit, LimitScope } from "./quota.ts";

export interface Scope {
  /** Equal for everybody who shares the limits. */
  readonly owner: readonly string[];
  readonly limits: readonly Limit[];
}

/** Outermost first. A key with limits in place of the models' own meets those alone. */
export function scopesOf(account: Account, family: string, modelLimits: readonly Limit[]): readonly Scope[] {
  const { apiKey, organization, project } = account;
  if (account.limits !== undefined) return [{ owner: ["key", apiKey], limits: account.limits }];
  const scopes: Scope[] = [{ owner: ["organization", organization, family], limits: modelLimits }];
  const add = (scope: LimitScope, owner: readonly string[], limits: readonly Limit[] | undefined): void => {
    if (limits !== undefined) scopes.push({ owner, limits: limits.map((limit) => ({ ...limit, scope })) });
  };
  add("organization", ["organization", organization], account.organizationLimits);
  if (project !== undefined) {
    add("project", ["project", organization, project, family], account.projectLimits);
    add("project", ["project", organization, project], account.projectTotalLimits);
  }
  add("key", ["key", apiKey], account.keyLimits);
  return scopes;
}
