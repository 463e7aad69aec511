/**
 * Model ids: `us.anthropic.claude-haiku-4-5-20251001-v1:0` is an inference profile, the part behind the first point the model
 * that it serves (docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html).
 */

/** No model has a longer id, an ARN included (API reference, modelId: 2,048). */
export const modelCharactersMax = 2_048;

const profilePrefix = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\./;

/**
 * The configured name of a model that was asked for by id or by the ARN of a model or a profile; the name itself when there is
 * none. A profile may be configured by the model that it serves.
 */
export function configuredModel(asked: string, configured: ReadonlySet<string>): string {
  const id = asked.startsWith("arn:") ? asked.slice(asked.lastIndexOf("/") + 1) : asked;
  if (configured.has(id)) return id;
  const served = id.replace(profilePrefix, "");
  return configured.has(served) ? served : id;
}

/** Whether only inference profiles serve a model, and not its own id. */
export function isProfiled(model: string, configured: ReadonlySet<string>): boolean {
  return [...configured].some((name) => name !== model && name.replace(profilePrefix, "") === model);
}

/** Whose request bodies a model takes by way of InvokeModel. */
export type ModelFamily = "claude" | "nova" | "titan-embeddings" | "other";

export function familyOf(model: string): ModelFamily {
  if (/(?:^|[./])anthropic\.claude/.test(model)) return "claude";
  if (/(?:^|[./])amazon\.nova-(?!sonic|canvas|reel)/.test(model)) return "nova";
  return /(?:^|[./])amazon\.titan-embed-text/.test(model) ? "titan-embeddings" : "other";
}

/** What Anthropic calls a Claude: `claude-haiku-4-5-20251001`. */
export function anthropicName(model: string): string {
  return model.replace(/^.*anthropic\./, "").replace(/-v\d+(?::\d+)?$/, "");
}
