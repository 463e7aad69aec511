/** Which algorithm limits which dialect. An explicit table: a provider that counts differently is a new file and a new line. */
import { assertNever } from "../../core/invariant.ts";
import type { ProviderSpec } from "../../core/scenario/scenario.ts";
import { openAiQuota } from "./openai.ts";
import type { Quota } from "./quota.ts";

/** Fresh limits for a provider: nothing used yet. */
export function quotaOf(spec: ProviderSpec): Quota {
  switch (spec.dialect) {
    case "openai":
      return openAiQuota({ sliceMs: spec.sliceMs });
    default:
      return assertNever(spec.dialect);
  }
}
