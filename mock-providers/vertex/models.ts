/** `GET /v1beta1/publishers/google/models`: the models of a publisher, without a project (@google/genai 3.1.0 [ran]). */
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";
import { dimensionsOf } from "../gemini/models.ts";

/** Whose a model is. */
export function publisherOf(model: string): "google" | "anthropic" {
  return model.startsWith("claude-") ? "anthropic" : "google";
}

/** Configured names have no version; whoever asks may give one: `claude-sonnet-4-6@20250929`, `gemini-2.5-flash@default`. */
export function configuredModel(asked: string, configured: ReadonlySet<string>): string {
  const at = asked.indexOf("@");
  return configured.has(asked) || at === -1 ? asked : asked.slice(0, at);
}

/** How this model's embeddings are asked for (@google/genai 3.1.0): the newer ones one content at a time. */
export function embedsBy(model: string): "predict" | "embedContent" | undefined {
  if (dimensionsOf(model) === undefined) return undefined;
  return model === "gemini-embedding-001" ? "predict" : "embedContent";
}

/** The object that the endpoint lists (recalled). */
export function publisherModel(model: string): object {
  return {
    name: `publishers/${publisherOf(model)}/models/${model}`,
    versionId: "default",
    openSourceCategory: "PROPRIETARY",
    launchStage: "GA",
    publisherModelTemplate: `projects/{user-project}/locations/{location}/publishers/${publisherOf(model)}/models/${model}@default`,
  };
}

export function publisherModels(spec: ProviderSpec, publisher: string): object {
  const names = spec.models.map(({ model }) => model).filter((model) => publisherOf(model) === publisher);
  return { publisherModels: names.map(publisherModel) };
}
