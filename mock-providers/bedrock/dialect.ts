/**
 * Amazon Bedrock's runtime API: which paths there are and who answers them
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html).
 */
import { send } from "../answer.ts";
import type { DialectServer, Incoming } from "../dialect.ts";
import { handleGeneration, noQuota } from "../generation.ts";
import { converse } from "./converse.ts";
import { countTokens } from "./count-tokens.ts";
import { unknownOperation } from "./errors.ts";
import { invoke } from "./invoke.ts";
import { familyOf, modelCharactersMax } from "./models.ts";
import { replyTo } from "./reply.ts";

export const bedrockDialect: DialectServer = {
  basePath: "",
  handle: (incoming) => {
    const [, modelId = "", name = ""] = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(incoming.path) ?? [];
    const operation = operations.get(name);
    const model = decoded(modelId);
    if (operation === undefined || model === undefined || incoming.request.method !== "POST") refuse(incoming);
    else operation(incoming, model.slice(0, modelCharactersMax));
  },
  isEmbeddingModel: (model) => familyOf(model) === "titan-embeddings",
};

type Operation = (incoming: Incoming, model: string) => void;

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["converse", (incoming, model) => handleGeneration(incoming, converse(model, false))],
  ["converse-stream", (incoming, model) => handleGeneration(incoming, converse(model, true))],
  ["invoke", (incoming, model) => invoke(incoming, model, false)],
  ["invoke-with-response-stream", (incoming, model) => invoke(incoming, model, true)],
  ["count-tokens", countTokens],
]);

/** Requests that no operation takes never reach a provider, so they are in no ledger and no journal. */
function refuse(incoming: Incoming): void {
  send(incoming.response, replyTo(incoming, "").error(unknownOperation, noQuota));
}

/** Ids are percent-encoded once; encoding that means nothing names no model. */
function decoded(modelId: string): string | undefined {
  try {
    return decodeURIComponent(modelId);
  } catch {
    return undefined;
  }
}
