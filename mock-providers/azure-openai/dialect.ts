/**
 * Azure OpenAI: OpenAI's endpoints under Azure's paths, with its keys, limits, errors and content filter.
 *
 * A deployment has the name of its model here. A method that a path does not have is a path that does not exist, as Azure's gateway
 * sees it (recalled).
 */
import { assertNever } from "../../core/invariant.ts";
import { type HttpAnswer, send } from "../answer.ts";
import type { DialectServer, Incoming } from "../dialect.ts";
import { type GenerationRequest, handleGeneration, noQuota } from "../generation.ts";
import { chatCompletions } from "../openai/chat-completions.ts";
import { notAChatModel } from "../openai/chat-request.ts";
import { embeddings, notAnEmbeddingModel } from "../openai/embeddings.ts";
import type { Endpoint } from "../openai/endpoint.ts";
import type { ApiError } from "../openai/errors.ts";
import { dimensionsOf, modelList, modelObject, snapshotOf } from "../openai/models.ts";
import { modelCharactersMax, parseRequest } from "../openai/parameters.ts";
import { answerKeptResponse } from "../openai/kept-responses.ts";
import { queryOf, type Reply } from "../openai/reply.ts";
import { notAResponsesModel } from "../openai/response-request.ts";
import { responses } from "../openai/responses.ts";
import { contentFilterResults, responseFilterResults } from "./content-filter.ts";
import { operationNotSupported, resourceNotFound, unknownKey } from "./errors.ts";
import { baseModel, baseModelList } from "./models.ts";
import { type AzurePath, azurePath } from "./paths.ts";
import { apiKeyOf, replyTo } from "./reply.ts";
import { wireFor } from "./wire.ts";

export const azureOpenAiDialect: DialectServer = {
  basePath: "",
  handle: (incoming) => {
    const { method = "GET", url = "" } = incoming.request;
    const asked = azurePath(method, incoming.path, url, incoming.state.clock.wall.epochMs());
    if (asked !== undefined) serve(incoming, asked);
    else send(incoming.response, replyTo(incoming, "").error(resourceNotFound, noQuota));
  },
  isEmbeddingModel: (model) => dimensionsOf(model) !== undefined,
};

const chat = chatCompletions(contentFilterResults);
const respond = responses(responseFilterResults, organizationOf);

function serve(incoming: Incoming, asked: AzurePath): void {
  switch (asked.resource) {
    case "chat/completions":
      return generate(incoming, asked, chat, chatWords);
    case "responses":
      return generate(incoming, asked, respond, responseWords);
    case "stored response":
      return answerStored(incoming, asked);
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
const responseWords: OperationWords = { name: "Responses_Create", verb: "responses", wrongKind: notAResponsesModel };
const embeddingWords: OperationWords = {
  name: "Embeddings_Create",
  verb: "embeddings",
  wrongKind: notAnEmbeddingModel,
};

function generate<Request extends GenerationRequest>(
  incoming: Incoming,
  { apiVersion, deployment }: AzurePath,
  endpoint: Endpoint<Request>,
  { name, verb, wrongKind }: OperationWords,
): void {
  const parse: Endpoint<Request>["parse"] = (body) => {
    const parsed = endpoint.parse(body, incoming, deployment);
    if (parsed.ok || parsed.error !== wrongKind) return parsed;
    const model = String(parseRequest(body, deployment)?.["model"]).slice(0, modelCharactersMax);
    return { ok: false, error: operationNotSupported(verb, model) };
  };
  handleGeneration(incoming, { ...endpoint, parse, wire: wireFor({ name, apiVersion }) });
}

function organizationOf(incoming: Incoming): string {
  return incoming.mounted.accounts.get(apiKeyOf(incoming))?.organization ?? "";
}

function answerStored(incoming: Incoming, { ask, id = "" }: AzurePath): void {
  const { keptAnswers } = incoming.mounted;
  withKnownKey(incoming, (reply) => {
    if (ask === undefined) return reply.error(resourceNotFound, noQuota);
    const answer = answerKeptResponse(keptAnswers, reply.organization, ask, id, queryOf(incoming));
    return answer.ok ? reply.json(answer.body, noQuota) : reply.error(answer.error, noQuota);
  });
}

/** All models, or one by its own name or its snapshot's. */
function answerModels(incoming: Incoming, { family, id }: AzurePath): void {
  const { spec } = incoming.mounted;
  const [list, object] = family === "v1" ? [modelList, modelObject] : [baseModelList, baseModel];
  withKnownKey(incoming, (reply) => {
    if (id === undefined) return reply.json(JSON.stringify(list(spec)), noQuota);
    const found = spec.models.find((each) => each.model === id || snapshotOf(each.model) === id);
    if (found === undefined) return reply.error(resourceNotFound, noQuota);
    return reply.json(JSON.stringify(object(found.model)), noQuota);
  });
}

/** What asks no limiter. */
function withKnownKey(incoming: Incoming, answer: (reply: Reply) => HttpAnswer): void {
  const apiKey = apiKeyOf(incoming);
  const account = incoming.mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  send(incoming.response, account === undefined ? reply.error(unknownKey(apiKey), noQuota) : answer(reply));
}
