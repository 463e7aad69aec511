/**
 * Azure's two families of paths (openai 7.55.0, azure.ts; MicrosoftDocs/azure-ai-docs, articles/ai-services/openai, reference and
 * api-version-lifecycle):
 *
 *     /openai/deployments/{deployment}/chat/completions?api-version=2024-10-21     a dated version is required
 *     /openai/models?api-version=2024-10-21
 *     /openai/v1/chat/completions                                                  `model` is the deployment
 *     /openai/v1/models
 */

export interface AzurePath {
  readonly family: "dated" | "v1";
  readonly apiVersion: string;
  readonly resource: "chat/completions" | "embeddings" | "models";
  /** Percent-encoding undone. Only dated paths name it, those of models do not. */
  readonly deployment: string | undefined;
  /** The one model that is asked about, percent-encoding undone. */
  readonly model: string | undefined;
}

const generationPath = /^\/openai\/(?:v1|deployments\/([^/]+))\/(chat\/completions|embeddings)$/;
const modelsPath = /^\/openai\/(?:v1\/)?models(?:\/([^/]+))?$/;
const v1Prefix = "/openai/v1/";

/** 2024-10-21, 2025-04-01-preview. Which of them the service still knows is not checked. */
const datedVersion = /^\d{4}-\d{2}-\d{2}(?:-preview)?$/;

/** What is asked for by a path below the resource's own and a whole URL; undefined when Azure has no such thing. */
export function azurePath(path: string, url: string): AzurePath | undefined {
  const family = path.startsWith(v1Prefix) ? "v1" : "dated";
  const apiVersion = apiVersionIn(url) ?? (family === "v1" ? "v1" : "");
  if (family === "dated" && !datedVersion.test(apiVersion)) return undefined;
  const generation = generationPath.exec(path);
  if (generation !== null) {
    const resource = generation[2] === "embeddings" ? "embeddings" : "chat/completions";
    return { family, apiVersion, resource, deployment: decoded(generation[1]), model: undefined };
  }
  const models = modelsPath.exec(path);
  if (models === null) return undefined;
  return { family, apiVersion, resource: "models", deployment: undefined, model: decoded(models[1]) };
}

function apiVersionIn(url: string): string | undefined {
  const query = url.indexOf("?");
  return query === -1 ? undefined : (new URLSearchParams(url.slice(query)).get("api-version") ?? undefined);
}

/** Percent-encoding that means nothing is taken as it stands. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}
