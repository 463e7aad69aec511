/**
 * `GET /openai/models`: the base models that a resource may deploy, in the shape of the dated API versions (Azure/azure-rest-api-specs,
 * specification/cognitiveservices, AzureOpenAI authoring). Here those that are deployed. The v1 API lists them as OpenAI does.
 */
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";
import { dimensionsOf, modelCreated, snapshotOf } from "../openai/models.ts";

export function baseModelList(spec: ProviderSpec): object {
  return { data: spec.models.map(({ model }) => baseModel(model)), object: "list" };
}

export function baseModel(model: string): object {
  const embeds = dimensionsOf(model) !== undefined;
  return {
    capabilities: {
      fine_tune: false,
      inference: true,
      completion: false,
      chat_completion: !embeds,
      embeddings: embeds,
    },
    lifecycle_status: "generally-available",
    id: snapshotOf(model),
    status: "succeeded",
    created_at: modelCreated(model),
    object: "model",
  };
}
