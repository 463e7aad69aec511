/** OpenAI's API: which paths there are and who answers them. */
import { percentDecoded } from "../percent-decoded.ts";
import { type HttpAnswer, send } from "../answer.ts";
import type { DialectServer, Incoming } from "../dialect.ts";
import { handleGeneration, noQuota } from "../generation.ts";
import { chatCompletions } from "./chat-completions.ts";
import { embeddings } from "./embeddings.ts";
import {
  type ApiError,
  methodNotAllowed,
  responseRefusalError,
  unknownKey,
  unknownModel,
  unknownUrl,
} from "./errors.ts";
import { countInputTokens } from "./count-tokens.ts";
import { answerKeptResponse, keptResponseAsk } from "./kept-responses.ts";
import { configuredModel, dimensionsOf, modelList, modelObject } from "./models.ts";
import { modelCharactersMax } from "./parameters.ts";
import { apiKeyOf, queryOf, type Reply, replyTo } from "./reply.ts";
import { responses } from "./responses.ts";
import { openAiWire } from "./wire.ts";

export const openAiDialect: DialectServer = {
  basePath: "/v1",
  handle: (incoming) => {
    const endpoint = endpointOf(incoming.path);
    const method = incoming.request.method ?? "GET";
    if (answeredFromStore(incoming, method)) return;
    if (endpoint === undefined) refuse(incoming, unknownUrl(method, incoming.path));
    else if (method === endpoint.method || (method === "HEAD" && endpoint.method === "GET")) endpoint.handle(incoming);
    else if (method === "OPTIONS") sayWhatIsAllowed(incoming, endpoint);
    else refuse(incoming, methodNotAllowed(method, incoming.path), ["allow", allowed(endpoint)]);
  },
  isEmbeddingModel: (model) => dimensionsOf(model) !== undefined,
};

const chat = chatCompletions({ answer: (tier) => `,"service_tier":"${tier}"`, prompt: "", text: "", noText: "" });
const respond = responses({ begun: {}, done: {} }, organizationOf);

const served = {
  chat: { ...chat, wire: openAiWire },
  responses: { ...respond, wire: { ...openAiWire, refusalError: responseRefusalError } },
  embeddings: { ...embeddings, wire: openAiWire },
};

interface Endpoint {
  readonly method: "GET" | "POST";
  readonly handle: (incoming: Incoming) => void;
}

const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["/v1/chat/completions", { method: "POST", handle: (incoming) => handleGeneration(incoming, served.chat) }],
  [
    "/v1/responses",
    {
      method: "POST",
      handle: (incoming) => handleGeneration(incoming, served.responses),
    },
  ],
  ["/v1/responses/input_tokens", { method: "POST", handle: (incoming) => countInputTokens(incoming) }],
  ["/v1/embeddings", { method: "POST", handle: (incoming) => handleGeneration(incoming, served.embeddings) }],
  ["/v1/models", { method: "GET", handle: listModels }],
]);

const oneModel: Endpoint = { method: "GET", handle: retrieveModel };

const modelPath = "/v1/models/";
/** The id, and what is asked of it. */
const responsePath = /^\/v1\/responses\/([^/]+)(?:\/([^/]+))?$/;

function endpointOf(path: string): Endpoint | undefined {
  return endpoints.get(path) ?? (path.startsWith(modelPath) && path.length > modelPath.length ? oneModel : undefined);
}

/** A stored response; false when the path or the method asks for nothing of the kind. */
function answeredFromStore(incoming: Incoming, method: string): boolean {
  if (!incoming.path.startsWith("/v1/responses/")) return false;
  const [, id, rest = ""] = responsePath.exec(incoming.path) ?? [];
  const ask = keptResponseAsk(method, rest);
  if (id === undefined || ask === undefined) return false;
  withKnownKey(incoming, (reply) => {
    const { keptAnswers } = incoming.mounted;
    const answer = answerKeptResponse(keptAnswers, reply.organization, ask, percentDecoded(id), queryOf(incoming));
    return answer.ok ? reply.json(answer.body, noQuota) : reply.error(answer.error, noQuota);
  });
  return true;
}

function listModels(incoming: Incoming): void {
  withKnownKey(incoming, (reply) => reply.json(JSON.stringify(modelList(incoming.mounted.spec)), noQuota));
}

function retrieveModel(incoming: Incoming): void {
  const { models } = incoming.mounted;
  const asked = percentDecoded(incoming.path.slice(modelPath.length));
  withKnownKey(incoming, (reply) =>
    models.has(configuredModel(asked, models))
      ? reply.json(JSON.stringify(modelObject(asked)), noQuota)
      : reply.error(unknownModel(asked.slice(0, modelCharactersMax)), noQuota),
  );
}

function organizationOf(incoming: Incoming): string {
  return incoming.mounted.accounts.get(apiKeyOf(incoming))?.organization ?? "";
}

/** Listing models and reading what is stored asks no limiter; the service sends no limits with it. */
function withKnownKey(incoming: Incoming, answer: (reply: Reply) => HttpAnswer): void {
  const apiKey = apiKeyOf(incoming);
  const account = incoming.mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  send(incoming.response, account === undefined ? reply.error(unknownKey(apiKey), noQuota) : answer(reply));
}

/** Requests that no endpoint takes never reach a provider, so they are in no ledger and no journal. */
function refuse(incoming: Incoming, error: ApiError, headers: readonly string[] = []): void {
  const answer = replyTo(incoming, "").error(error, noQuota);
  send(incoming.response, { ...answer, headers: [...answer.headers, ...headers] });
}

function sayWhatIsAllowed(incoming: Incoming, endpoint: Endpoint): void {
  incoming.response.writeHead(204, ["allow", allowed(endpoint)]);
  incoming.response.end();
}

function allowed(endpoint: Endpoint): string {
  return endpoint.method === "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
}
