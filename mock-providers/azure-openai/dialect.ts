/**
 * Azure OpenAI: OpenAI's endpoints under Azure's paths, with its keys, limits, errors and content filter.
 *
 * A deployment has the name of its model here. A method that a path does not have is a path that does not exist, as Azure's gateway
 * sees it (recalled).
 */
import { assertNever } from "../../core/invariant.ts";
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
import { type AzurePath, azurePath } from "./paths.ts";
import { apiKeyOf, replyTo } from "./reply.ts";

export const azureOpenAiDialect: DialectServer = {
  basePath: "",
  handle: (incoming) => {
    const { method, url = "" } = incoming.request;
    const asked = azurePath(incoming.path, url);
    const reads = method === "GET" || method === "HEAD";
    if (asked !== undefined && (asked.resource === "models" ? reads : method === "POST")) serve(incoming, asked);
    else send(incoming.response, replyTo(incoming, "").error(resourceNotFound, noQuota));
  },
  isEmbeddingModel: (model) => dimensionsOf(model) !== undefined,
};

const chat = chatCompletions(contentFilterResults);

function serve(incoming: Incoming, asked: AzurePath): void {
  switch (asked.resource) {
    case "chat/completions":
      return generate(incoming, asked, chat, chatWords);
    case "embeddings":
      return generate(incoming, asked, embeddings, embeddingWords);
    case "models":
      return answerModels(incoming, asked);
    default:
      return assertNever(asked.resource);
  }
}

/** How Azure calls an endpoint (public error texts). */
interface OperationWords {
  /** In the texts of refusals. */
  readonly name: string;
  /** In the text about models of another kind. */
  readonly verb: string;
  /** How OpenAI refuses a model of another kind. */
  readonly wrongKind: ApiError;
}

const chatWords: OperationWords = { name: "ChatCompletions_Create", verb: "chatCompletion", wrongKind: notAChatModel };
const embeddingWords: OperationWords = {
  name: "Embeddings_Create",
  verb: "embeddings",
  wrongKind: notAnEmbeddingModel,
};

function generate<Request extends GenerationRequest>(
  incoming: Incoming,
  { apiVersion, deployment }: AzurePath,
  endpoint: Generation<Request>,
  { name, verb, wrongKind }: OperationWords,
): void {
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
  handleGeneration(incoming, { ...endpoint, parse }, wire, deployment);
}

/** All models, or one by its own name or its snapshot's. Neither asks a limiter. */
function answerModels(incoming: Incoming, { family, model }: AzurePath): void {
  const { spec, accounts } = incoming.mounted;
  const apiKey = apiKeyOf(incoming);
  const account = accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  const [list, object] = family === "v1" ? [modelList, modelObject] : [baseModelList, baseModel];
  const answer = (known: Reply): HttpAnswer => {
    if (model === undefined) return known.json(JSON.stringify(list(spec)), noQuota);
    const found = spec.models.find((each) => each.model === model || snapshotOf(each.model) === model);
    if (found === undefined) return known.error(resourceNotFound, noQuota);
    return known.json(JSON.stringify(object(found.model)), noQuota);
  };
  send(incoming.response, account === undefined ? reply.error(unknownKey(apiKey), noQuota) : answer(reply));
}
