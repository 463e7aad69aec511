/** Anthropic's API: which paths there are and who answers them. */
import { percentDecoded } from "../percent-decoded.ts";
import { type HttpAnswer, send } from "../answer.ts";
import type { DialectServer, Incoming } from "../dialect.ts";
import { handleGeneration, noQuota } from "../generation.ts";
import { countTokens } from "./count-tokens.ts";
import { type ApiError, methodNotAllowed, unknownKey, unknownModel, unknownUrl } from "./errors.ts";
import { messages } from "./messages.ts";
import { configuredModel, modelObject, modelPage, type PageAsk, pageLengthMax } from "./models.ts";
import { modelCharactersMax, problemAt } from "./parameters.ts";
import { credentialOf, type Reply, replyTo } from "./reply.ts";
import { readingRules } from "./version.ts";

export const anthropicDialect: DialectServer = {
  basePath: "",
  handle: (incoming) => {
    const endpoint = endpointOf(incoming.path);
    const method = incoming.request.method ?? "GET";
    if (endpoint === undefined) refuse(incoming, unknownUrl);
    else if (method === endpoint.method || (method === "HEAD" && endpoint.method === "GET")) endpoint.handle(incoming);
    else refuse(incoming, methodNotAllowed, ["allow", endpoint.method]);
  },
  isEmbeddingModel: () => false,
};

interface Endpoint {
  readonly method: "GET" | "POST";
  readonly handle: (incoming: Incoming) => void;
}

const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["/v1/messages", { method: "POST", handle: (incoming) => handleGeneration(incoming, messages) }],
  ["/v1/messages/count_tokens", { method: "POST", handle: countTokens }],
  ["/v1/models", { method: "GET", handle: listModels }],
]);

const oneModel: Endpoint = { method: "GET", handle: retrieveModel };

const modelPath = "/v1/models/";

function endpointOf(path: string): Endpoint | undefined {
  return endpoints.get(path) ?? (path.startsWith(modelPath) && path.length > modelPath.length ? oneModel : undefined);
}

function listModels(incoming: Incoming): void {
  const { url = "" } = incoming.request;
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?")) : "");
  withKnownKey(incoming, (reply) => {
    const page = pageAsked(query);
    return page === undefined
      ? reply.error(problemAt("limit", `Input should be a valid integer from 1 to ${pageLengthMax}`), noQuota)
      : reply.json(JSON.stringify(modelPage(incoming.mounted.spec, page)), noQuota);
  });
}

/** undefined: the limit is none. */
function pageAsked(query: URLSearchParams): PageAsk | undefined {
  const limit = query.get("limit");
  const wanted = limit === null ? undefined : Number(limit);
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= pageLengthMax)) return undefined;
  return { limit: wanted, afterId: query.get("after_id") ?? undefined, beforeId: query.get("before_id") ?? undefined };
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

/** Listing models asks no limiter; the service sends no limits with it. */
function withKnownKey(incoming: Incoming, answer: (reply: Reply) => HttpAnswer): void {
  const { kind, apiKey } = credentialOf(incoming);
  const account = incoming.mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  const rules = readingRules(incoming.request, "messages");
  if (account === undefined) send(incoming.response, reply.error(unknownKey(kind), noQuota));
  else send(incoming.response, rules.ok ? answer(reply) : reply.error(rules.error, noQuota));
}

/** Requests that no endpoint takes never reach a provider, so they are in no ledger and no journal. */
function refuse(incoming: Incoming, error: ApiError, headers: readonly string[] = []): void {
  const answer = replyTo(incoming, "").error(error, noQuota);
  send(incoming.response, { ...answer, headers: [...answer.headers, ...headers] });
}
