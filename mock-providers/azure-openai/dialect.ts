/**
 * Azure OpenAI: OpenAI's endpoints under Azure's paths, keys, limits and content filter.
 *
 * Two families of paths (openai 7.55.0, azure.ts; MicrosoftDocs/azure-ai-docs, articles/ai-services/openai/reference.md and api-version-lifecycle):
 *
 *     /openai/deployments/{deployment}/chat/completions?api-version=2024-10-21     a dated version is required
 *     /openai/v1/chat/completions                                                  `model` is the deployment
 *
 * A deployment has the name of its model here. Methods that a path does not have are paths that do not exist, as Azure's gateway
 * sees it (recalled).
 */
import { type HttpAnswer, send } from "../answer.ts";
import type { DialectServer, Incoming } from "../dialect.ts";
import { noQuota } from "../generation.ts";
import { chatCompletions } from "../openai/chat-completions.ts";
import { notAChatModel } from "../openai/chat-request.ts";
import { embeddings, notAnEmbeddingModel } from "../openai/embeddings.ts";
import { type ApiError, bodyTooLarge } from "../openai/errors.ts";
import { type Generation, type GenerationRequest, handleGeneration } from "../openai/generation.ts";
import { dimensionsOf, modelList, modelObject, snapshotOf } from "../openai/models.ts";
import { modelCharactersMax, parseObject } from "../openai/parameters.ts";
import type { Reply } from "../openai/reply.ts";
import { contentFilterResults } from "./content-filter.ts";
import { operationNotSupported, refusalError, resourceNotFound, unknownKey } from "./errors.ts";
import { baseModel, baseModelList } from "./models.ts";
import { apiKeyOf, replyTo } from "./reply.ts";

export const azureOpenAiDialect: DialectServer = {
  basePath: "",
  handle: (incoming) => {
    const operation = operationOf(incoming);
    if (operation === undefined) send(incoming.response, replyTo(incoming, "").error(resourceNotFound, noQuota));
    else operation(incoming);
  },
  isEmbeddingModel: (model) => dimensionsOf(model) !== undefined,
};

type Operation = (incoming: Incoming) => void;

const datedPath = /^\/openai\/(?:deployments\/([^/]+)\/(chat\/completions|embeddings)|models(?:\/([^/]+))?)$/;
const v1Path = /^\/openai\/v1\/(?:(chat\/completions|embeddings)|models(?:\/([^/]+))?)$/;

/** 2024-10-21, 2025-04-01-preview. Which of them the service still knows is not checked. */
const datedVersion = /^\d{4}-\d{2}-\d{2}(?:-preview)?$/;

/** What the path, the method and the API version ask for; undefined when there is no such thing. */
function operationOf(incoming: Incoming): Operation | undefined {
  const { path } = incoming;
  const { method, url = "" } = incoming.request;
  const query = url.indexOf("?");
  const version = query === -1 ? null : new URLSearchParams(url.slice(query)).get("api-version");
  const v1 = v1Path.exec(path);
  if (v1 !== null) {
    const [, endpoint, model] = v1;
    if (endpoint !== undefined) return method === "POST" ? generation(endpoint, version ?? "v1", undefined) : undefined;
    return reads(method) ? (asked) => answerModels(asked, model, modelList, modelObject) : undefined;
  }
  const dated = datedPath.exec(path);
  if (dated === null || version === null || !datedVersion.test(version)) return undefined;
  const [, deployment, endpoint, model] = dated;
  if (endpoint !== undefined)
    return method === "POST" ? generation(endpoint, version, decoded(deployment ?? "")) : undefined;
  return reads(method) ? (asked) => answerModels(asked, model, baseModelList, baseModel) : undefined;
}

function reads(method: string | undefined): boolean {
  return method === "GET" || method === "HEAD";
}

const chat = chatCompletions(contentFilterResults);

/** `deployment`: named by the path; undefined when the body names it. Names of operations: public error texts. */
function generation(endpoint: string, apiVersion: string, deployment: string | undefined): Operation {
  return endpoint === "embeddings"
    ? generate(
        embeddings,
        { name: "Embeddings_Create", verb: "embeddings", wrongKind: notAnEmbeddingModel },
        apiVersion,
        deployment,
      )
    : generate(
        chat,
        { name: "ChatCompletions_Create", verb: "chatCompletion", wrongKind: notAChatModel },
        apiVersion,
        deployment,
      );
}

interface OperationWords {
  /** In the texts of refusals. */
  readonly name: string;
  /** In the text about models of another kind. */
  readonly verb: string;
  /** How OpenAI refuses a model of another kind. */
  readonly wrongKind: ApiError;
}

function generate<Request extends GenerationRequest>(
  endpoint: Generation<Request>,
  { name, verb, wrongKind }: OperationWords,
  apiVersion: string,
  deployment: string | undefined,
): Operation {
  const parse: Generation<Request>["parse"] = (body, pathModel) => {
    const parsed = endpoint.parse(body, pathModel);
    if (parsed.ok || parsed.error !== wrongKind) return parsed;
    const model = String(parseObject(body, pathModel)?.["model"]).slice(0, modelCharactersMax);
    return { ok: false, error: operationNotSupported(verb, model) };
  };
  const wire = {
    apiKeyOf,
    replyTo,
    // A deployment answers to its own name only.
    configuredModel: (asked: string) => asked,
    bodyTooLarge,
    refusalError: refusalError.bind(undefined, { name, apiVersion }),
  };
  return (incoming) => handleGeneration(incoming, { ...endpoint, parse }, wire, deployment);
}

/** One model, by its own name or its snapshot's, or all. Neither asks a limiter. */
function answerModels(
  incoming: Incoming,
  asked: string | undefined,
  list: typeof modelList,
  one: typeof modelObject,
): void {
  const { spec, accounts } = incoming.mounted;
  const apiKey = apiKeyOf(incoming);
  const account = accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  send(incoming.response, account === undefined ? reply.error(unknownKey(apiKey), noQuota) : found(reply));

  function found(known: Reply): HttpAnswer {
    if (asked === undefined) return known.json(JSON.stringify(list(spec)), noQuota);
    const name = decoded(asked);
    const model = spec.models.find((each) => each.model === name || snapshotOf(each.model) === name);
    return model === undefined
      ? known.error(resourceNotFound, noQuota)
      : known.json(JSON.stringify(one(model.model)), noQuota);
  }
}

/** Percent-encoding that means nothing is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
