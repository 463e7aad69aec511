/** Which algorithm limits which dialect. An explicit table: a provider that counts differently is a new file and a new line. */
import { assertNever } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";
import { anthropicQuota } from "./anthropic.ts";
import { azureProvisionedQuota, isProvisioned } from "./azure-provisioned.ts";
import { azureStandardQuota } from "./azure-standard.ts";
import { bedrockQuota } from "./bedrock.ts";
import { geminiQuota } from "./gemini.ts";
import { openAiQuota } from "./openai.ts";
import { withLongContext } from "./long-context.ts";
import type { Quota } from "./quota.ts";
import { vertexQuota } from "./vertex.ts";

/** Fresh limits for a provider: nothing used yet. `random`: for what a limit leaves to chance. */
export function quotaOf(spec: ProviderSpec, random: RandomStream): Quota {
  const startTimeOfDayMs = spec.startTimeOfDayMs ?? 0;
  switch (spec.dialect) {
    case "openai":
      return withLongContext(openAiQuota({ sliceMs: spec.sliceMs, acceleration: spec.acceleration }));
    case "azure-openai":
      return azureQuota(spec);
    case "anthropic":
      return withLongContext(
        anthropicQuota({
          sliceMs: spec.sliceMs,
          outputCharging: spec.outputCharging ?? "generated",
          acceleration: spec.acceleration,
        }),
      );
    case "bedrock":
      return bedrockQuota({ sliceMs: spec.sliceMs });
    case "gemini":
      return geminiQuota({ startTimeOfDayMs });
    case "vertex":
      return vertexQuota({ random, sharedPool: spec.sharedPool, startTimeOfDayMs });
    default:
      return assertNever(spec.dialect);
  }
}

/** Azure sells two kinds of deployments. */
function azureQuota({ sliceMs, acceleration }: ProviderSpec): Quota {
  const standard = azureStandardQuota({ sliceMs, acceleration });
  const provisioned = azureProvisionedQuota();
  return (account, model) => (isProvisioned(account, model) ? provisioned : standard)(account, model);
}
