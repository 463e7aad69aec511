/**
 * Whether a table that says `claude-opus-4.5` speaks of a model that is called `us.anthropic.claude-opus-4-5-20251101-v1:0`.
 *
 * Names differ by where a model is served and by its snapshot; limits are published for the model. Prefixes of Bedrock's
 * profiles and publishers, dates, versions and `-latest` are left away, and dots are hyphens.
 */

/** `*` in a pattern stands for anything. */
export function namesModel(pattern: string, model: string): boolean {
  const parts = plainName(pattern)
    .split("*")
    .map((part) => part.replaceAll(/[^\w-]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(plainName(model));
}

export function plainName(model: string): string {
  return model
    .toLowerCase()
    .replace(/^(?:us|eu|apac|jp|au|global)\./, "")
    .replace(/^(?:anthropic|amazon|meta|mistral)\./, "")
    .replace(/[@-]\d{8}(?=$|-v)/, "")
    .replace(/-\d{4}-\d{2}-\d{2}$/, "")
    .replace(/-v\d+(?::\d+)?$/, "")
    .replace(/-latest$/, "")
    .replaceAll(".", "-");
}

/** Whether a Bedrock id names an inference profile, which works across regions. */
export function isInferenceProfile(model: string): boolean {
  return /^(?:us|eu|apac|jp|au|global)\./.test(model);
}
