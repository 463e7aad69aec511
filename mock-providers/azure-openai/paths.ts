/**
 * Azure's two families of paths (openai 7.55.0, azure.ts; MicrosoftDocs/azure-ai-docs, articles/ai-services/openai, reference and
 * api-version-lifecycle):
 *
 *     /openai/deployments/{deployment}/chat/completions?api-version=2024-10-21     a dated version is required
 *     /openai/models?api-version=2024-10-21
 *     /openai/responses?api-version=2025-04-01-preview                            without a deployment: `model` is it
 *     /openai/v1/chat/completions                                                  `model` is the deployment
 *     /openai/v1/models
 */
import { dayMs } from "../../core/time.ts";
import { type KeptResponseAsk, keptResponseAsk } from "../openai/kept-responses.ts";

export interface AzurePath {
  readonly family: "dated" | "v1";
  readonly apiVersion: string;
  readonly resource: "chat/completions" | "responses" | "stored response" | "embeddings" | "models";
  /** Percent-encoding undone. Only dated paths name it, those of models do not. */
  readonly deployment: string | undefined;
  /** The one model or response that is asked about, percent-encoding undone. */
  readonly id: string | undefined;
  /** What is asked of a stored response. */
  readonly ask?: KeptResponseAsk;
}

const generationPath = /^\/openai\/(?:v1|deployments\/([^/]+))\/(chat\/completions|embeddings)$/;
const responsesPath = /^\/openai\/(?:v1\/)?responses(?:\/([^/]+)(?:\/([^/]+))?)?$/;
const modelsPath = /^\/openai\/(?:v1\/)?models(?:\/([^/]+))?$/;
const v1Prefix = "/openai/v1/";

/** 2024-10-21, 2025-04-01-preview. */
const datedVersion = /^(\d{4}-\d{2}-\d{2})(?:-preview)?$/;

/** api-version-lifecycle, "Changes between ...": no version is older. */
const firstVersion = "2022-12-01";

/**
 * What is asked for by a path below the resource's own and a whole URL; undefined when Azure has no such thing. `nowEpochMs` tells which
 * versions there can be.
 */
export function azurePath(method: string, path: string, url: string, nowEpochMs: number): AzurePath | undefined {
  const family: AzurePath["family"] = path.startsWith(v1Prefix) ? "v1" : "dated";
  const apiVersion = apiVersionIn(url) ?? (family === "v1" ? "v1" : "");
  if (family === "dated" && !isKnown(apiVersion, nowEpochMs)) return undefined;
  const generation = generationPath.exec(path);
  if (generation !== null) {
    const resource = generation[2] === "embeddings" ? "embeddings" : "chat/completions";
    return post({ family, apiVersion, resource, deployment: decoded(generation[1]), id: undefined }, method);
  }
  const response = responsesPath.exec(path);
  if (response !== null) {
    const [, id, rest = ""] = response;
    const named = { family, apiVersion, deployment: undefined, id: decoded(id) };
    if (id === undefined) return post({ ...named, resource: "responses" }, method);
    const ask = keptResponseAsk(method, rest);
    return ask === undefined ? undefined : { ...named, resource: "stored response", ask };
  }
  const models = modelsPath.exec(path);
  if (models === null || (method !== "GET" && method !== "HEAD")) return undefined;
  return { family, apiVersion, resource: "models", deployment: undefined, id: decoded(models[1]) };
}

/** Neither older than the first nor dated after tomorrow. Which of those between the service has retired is not checked. */
function isKnown(apiVersion: string, nowEpochMs: number): boolean {
  const date = datedVersion.exec(apiVersion)?.[1];
  return date !== undefined && date >= firstVersion && Date.parse(date) <= nowEpochMs + dayMs;
}

function post(asked: AzurePath, method: string): AzurePath | undefined {
  return method === "POST" ? asked : undefined;
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
