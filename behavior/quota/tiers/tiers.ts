/** Every published tier that `tier:` can name. An explicit table: a new ladder is a file and a line here. */
import type { QuotaTiers } from "../../../core/scenario/quota-tiers.ts";
import { anthropicTiers } from "./anthropic.ts";
import { azureTiers } from "./azure.ts";
import { bedrockTiers, profileMark } from "./bedrock.ts";
import { googleTiers } from "./google.ts";
import { isInferenceProfile, namesModel, plainName } from "./model-name.ts";
import { openAiTiers } from "./openai.ts";
import type { QuotaTier } from "./tier.ts";

export const tiers: readonly QuotaTier[] = [
  ...openAiTiers,
  ...anthropicTiers,
  ...azureTiers,
  ...bedrockTiers,
  ...googleTiers,
];

const byName = new Map(tiers.map((tier) => [tier.name, tier]));

/** The tiers as those who read scenarios and configurations look them up. */
export const quotaTiers: QuotaTiers = {
  names: tiers.map(({ name }) => name),
  dialectOf: (tier) => byName.get(tier)?.dialect,
  limitsOf: (tier, model) => {
    const found = byName.get(tier);
    if (found === undefined) return undefined;
    const asked = found.dialect === "bedrock" && isInferenceProfile(model) ? profileMark + plainName(model) : model;
    return found.rows.find(({ models }) => models.some((pattern) => namesModel(pattern, asked)))?.limits;
  },
  modelsOf: (tier) => [
    ...new Set(byName.get(tier)?.rows.flatMap(({ models }) => models.filter((model) => !model.includes("*")))),
  ],
};
