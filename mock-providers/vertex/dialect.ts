/** Vertex AI: which paths there are and who answers them. Bodies are the Gemini API's, and Anthropic's for Claude. */
import type { Capacity } from "../../behavior/provider.ts";
import { send } from "../answer.ts";
import type { DialectServer, Incoming } from "../dialect.ts";
import { handleCachedContents } from "../gemini/cached-contents.ts";
import { countTokens } from "../gemini/count-tokens.ts";
import { type GoogleError, methodNotFound } from "../gemini/errors.ts";
import { type ContentService, generateContent } from "../gemini/generate-content.ts";
import { dimensionsOf, modelCharactersMax } from "../gemini/models.ts";
import { replyTo } from "../gemini/reply.ts";
import { handleGeneration, noQuota } from "../generation.ts";
import { countClaudeTokens, countingModel, rawPredict } from "./claude.ts";
import { embedContent, predict } from "./embeddings.ts";
import { unauthenticated, unknownModel, vertexWording } from "./errors.ts";
import { configuredModel, embedsBy, publisherModel, publisherModels, publisherOf } from "./models.ts";
import { credentialOf } from "./reply.ts";
import { cacheTargetOf, type Target, targetOf } from "./paths.ts";
import { giveToken, tokenPath } from "./token.ts";
import { wireFor } from "./wire.ts";

export const vertexDialect: DialectServer = {
  basePath: "",
  handle: (incoming) => {
    if (incoming.path === tokenPath) {
      giveToken(incoming);
      return;
    }
    const target = targetOf(incoming);
    const cache = cacheTargetOf(incoming);
    const { method } = incoming.request;
    if (cache !== undefined) handleCachedContents(incoming, serviceFor(cachingTarget), cache);
    else if (target === undefined) refuse(incoming, methodNotFound);
    else if (method === "POST") callMethod(incoming, { ...target, model: target.model.slice(0, modelCharactersMax) });
    else if ((method === "GET" || method === "HEAD") && target.method === "") readModels(incoming, target);
    else refuse(incoming, methodNotFound);
  },
  isEmbeddingModel: (model) => dimensionsOf(model) !== undefined,
};

/** What errors about cached contents name. */
const cachingTarget: Target = {
  version: "v1",
  parent: "",
  publisher: "google",
  model: "",
  method: "createCachedContent",
};

function serviceFor(target: Target): ContentService {
  return {
    wire: wireFor(target),
    wording: vertexWording,
    fields: ({ state }) => ({
      createTime: new Date(state.clock.wall.epochMs()).toISOString().replace("Z", "000Z"),
      trafficType: (capacity) => (capacity === "provisioned" ? "PROVISIONED_THROUGHPUT" : "ON_DEMAND"),
    }),
    capacityOf,
  };
}

/** `X-Vertex-AI-LLM-Request-Type` (docs.cloud.google.com, "use Provisioned Throughput"). */
function capacityOf({ request }: Incoming): Capacity | undefined {
  const type = request.headers["x-vertex-ai-llm-request-type"];
  if (type === "dedicated") return "provisioned";
  return type === "shared" ? "on-demand" : undefined;
}

function callMethod(incoming: Incoming, target: Target): void {
  switch (target.publisher) {
    case "google":
      callGoogle(incoming, target);
      return;
    case "anthropic":
      callClaude(incoming, target);
      return;
    default:
      refuseKnownKey(incoming, target, unknownModel(target));
  }
}

function callClaude(incoming: Incoming, target: Target): void {
  const { model, method } = target;
  const counts = model === countingModel;
  if (method !== "rawPredict" && (method !== "streamRawPredict" || counts)) refuse(incoming, methodNotFound);
  else if (counts) countClaudeTokens(incoming, target);
  else if (publisherOf(model) === "anthropic") handleGeneration(incoming, rawPredict(target));
  else refuseKnownKey(incoming, target, unknownModel(target));
}

function callGoogle(incoming: Incoming, target: Target): void {
  const { model, method } = target;
  const service = serviceFor(target);
  const name = configuredModel(model, incoming.mounted.models);
  if (publisherOf(name) !== "google") {
    refuseKnownKey(incoming, target, unknownModel(target));
    return;
  }
  switch (method) {
    case "generateContent":
    case "streamGenerateContent":
      if (embedsBy(name) === undefined) {
        handleGeneration(incoming, generateContent(service, model, method === "streamGenerateContent"));
      } else refuseKnownKey(incoming, target, unknownModel(target));
      return;
    case "countTokens":
      countTokens(incoming, service, model);
      return;
    case "predict":
    case "embedContent":
      if (embedsBy(name) === method) {
        handleGeneration(incoming, method === "predict" ? predict(service, model) : embedContent(service, model));
      } else refuseKnownKey(incoming, target, unknownModel(target));
      return;
    default:
      refuse(incoming, methodNotFound);
  }
}

/** A publisher's models, or one of them. Asks no limiter. */
function readModels(incoming: Incoming, target: Target): void {
  const { mounted, response } = incoming;
  const { credential, apiKey } = credentialOf(incoming);
  const account = mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  const model = configuredModel(target.model, mounted.models);
  if (account === undefined) send(response, reply.error(unauthenticated(credential, "getPublisherModel"), noQuota));
  else if (target.model === "")
    send(response, reply.json(JSON.stringify(publisherModels(mounted.spec, target.publisher)), noQuota));
  else if (mounted.models.has(model) && publisherOf(model) === target.publisher) {
    send(response, reply.json(JSON.stringify(publisherModel(model)), noQuota));
  } else send(response, reply.error(unknownModel(target), noQuota));
}

/** Only who has a key learns which models there are. */
function refuseKnownKey(incoming: Incoming, target: Target, error: GoogleError): void {
  const { credential, apiKey } = credentialOf(incoming);
  const known = incoming.mounted.accounts.has(apiKey);
  refuse(incoming, known ? error : unauthenticated(credential, target.method));
}

/** Requests that no method takes never reach a provider, so they are in no ledger and no journal. */
function refuse(incoming: Incoming, error: GoogleError): void {
  send(incoming.response, replyTo(incoming, "").error(error, noQuota));
}
