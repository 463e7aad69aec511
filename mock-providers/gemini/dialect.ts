/** The Gemini API: which paths there are and who answers them. Versions v1, v1beta and v1alpha are served alike. */
import { send } from "../answer.ts";
import type { DialectServer, Incoming } from "../dialect.ts";
import { handleGeneration, noQuota } from "../generation.ts";
import { handleCachedContents } from "./cached-contents.ts";
import { countTokens } from "./count-tokens.ts";
import { batchEmbedContents, embedContent } from "./embeddings.ts";
import { type GoogleError, invalidArgument, methodNotFound, unknownKey, unknownModel } from "./errors.ts";
import { type ContentService, generateContent } from "./generate-content.ts";
import { dimensionsOf, modelCharactersMax, modelObject, modelPage } from "./models.ts";
import { geminiWording } from "./parameters.ts";
import { cacheTargetOf, queryOf, type Target, targetOf } from "./paths.ts";
import { apiKeyOf, replyTo } from "./reply.ts";
import { geminiWire } from "./wire.ts";

export const geminiDialect: DialectServer = {
  basePath: "",
  handle: (incoming) => {
    const target = targetOf(incoming);
    const cache = cacheTargetOf(incoming);
    const { method } = incoming.request;
    if (cache !== undefined) handleCachedContents(incoming, gemini, cache);
    else if (target === undefined) refuse(incoming, methodNotFound);
    else if (method === "POST") callMethod(incoming, target);
    else if ((method === "GET" || method === "HEAD") && target.method === "") readModels(incoming, target);
    else refuse(incoming, methodNotFound);
  },
  isEmbeddingModel: (model) => dimensionsOf(model) !== undefined,
};

const gemini: ContentService = {
  wire: geminiWire,
  wording: geminiWording,
  fields: () => ({}),
  capacityOf: () => undefined,
};

function callMethod(incoming: Incoming, { version, method, model: asked }: Target): void {
  const model = asked.slice(0, modelCharactersMax);
  const isEmbedding = dimensionsOf(model) !== undefined;
  switch (method) {
    case "generateContent":
    case "streamGenerateContent":
      if (isEmbedding) refuseKnownKey(incoming, unknownModel(model, version, method));
      else handleGeneration(incoming, generateContent(gemini, model, method === "streamGenerateContent"));
      return;
    case "countTokens":
      countTokens(incoming, gemini, model);
      return;
    case "embedContent":
    case "batchEmbedContents":
      if (!isEmbedding && incoming.mounted.models.has(model))
        refuseKnownKey(incoming, unknownModel(model, version, method));
      else
        handleGeneration(
          incoming,
          method === "embedContent" ? embedContent(gemini, model) : batchEmbedContents(gemini, model),
        );
      return;
    default:
      refuse(incoming, methodNotFound);
  }
}

/** The list of models, or one of them. Asks no limiter. */
function readModels(incoming: Incoming, { version, model }: Target): void {
  const { mounted, response } = incoming;
  const apiKey = apiKeyOf(incoming);
  const account = mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  if (account === undefined) {
    send(response, reply.error(unknownKey(apiKey), noQuota));
  } else if (model === "") {
    const page = modelPage(mounted.spec, queryOf(incoming));
    // Recalled.
    const noPage = invalidArgument("* ListModelsRequest.page_token: Invalid page token.\n");
    send(response, page === undefined ? reply.error(noPage, noQuota) : reply.json(JSON.stringify(page), noQuota));
  } else if (mounted.models.has(model)) {
    send(response, reply.json(JSON.stringify(modelObject(model)), noQuota));
  } else {
    send(response, reply.error(unknownModel(model.slice(0, modelCharactersMax), version, "generateContent"), noQuota));
  }
}

/** Only who has a key learns what its models cannot do. */
function refuseKnownKey(incoming: Incoming, error: GoogleError): void {
  const apiKey = apiKeyOf(incoming);
  refuse(incoming, incoming.mounted.accounts.has(apiKey) ? error : unknownKey(apiKey));
}

/** Requests that no method takes never reach a provider, so they are in no ledger and no journal. */
function refuse(incoming: Incoming, error: GoogleError): void {
  send(incoming.response, replyTo(incoming, "").error(error, noQuota));
}
