/** Which algorithm limits which dialect. An explicit table: a provider that counts differently is a new file and a new line. */
import { assertNever } from "../../core/invariant.ts";
import type { ProviderSpec } from "../../core/scenario/scenario.ts";
import { anthropicQuota } from "./anthropic.ts";
import { azureProvisionedQuota, isProvisioned } from "./azure-provisioned.ts";
import { azureStandardQuota } from "./azure-standard.ts";
import { openAiQuota } from "./openai.ts";
import type { Quota } from "./quota.ts";

/** Fresh limits for a provider: nothing used yet. */
export function quotaOf(spec: ProviderSpec): Quota {
  switch (spec.dialect) {
    case "openai":
      return openAiQuota({ sliceMs: spec.sliceMs });
    case "azure-openai":
      return azureQuota(spec);
    case "anthropic":
      return anthropicQuota({ sliceMs: spec.sliceMs, outputCharging: spec.outputCharging ?? "generated" });
    default:
      return assertNever(spec.dialect);
  }
}

/** Azure sells two kinds of deployments. */
function azureQuota({ sliceMs }: ProviderSpec): Quota {
  const standard = azureStandardQuota({ sliceMs });
  const provisioned = azureProvisionedQuota();
  return (account, model) => (isProvisioned(account, model) ? provisioned : standard)(account, model);
}
