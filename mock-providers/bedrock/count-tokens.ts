/**
 * `POST /model/{modelId}/count-tokens`: what a prompt counts, without an answer. Free (user guide, "CountTokens"), so these requests
 * reach no provider and are in no ledger.
 */
import { isObject, parseObject } from "../json-fields.ts";
import { send } from "../answer.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { noQuota, type Parsed, refuseUnread } from "../generation.ts";
import { readBody } from "../request-body.ts";
import { countPrompt, type PromptText } from "../request-identity.ts";
import { readConverseRequest } from "./converse-request.ts";
import { apiKeyOf, credentialProblem } from "./credentials.ts";
import { type ApiError, bodyNotJson, refusalError } from "./errors.ts";
import { parseInvocation } from "./invoke.ts";
import { configuredModel, isProfiled } from "./models.ts";
import { required } from "./parameters.ts";
import { replyTo } from "./reply.ts";
import { bedrockWire } from "./wire.ts";

export function countTokens(incoming: Incoming, model: string): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, bedrockWire);
    else answer(incoming, model, body);
  });
}

function answer(incoming: Incoming, model: string, body: string): void {
  const { response } = incoming;
  const { models, accounts } = incoming.mounted;
  const account = accounts.get(apiKeyOf(incoming, body));
  const reply = replyTo(incoming, account?.organization ?? "");
  const refuse = (error: ApiError): void => send(response, reply.error(error, noQuota));
  const parsed = parseCounted(body, model, incoming);
  const asked = configuredModel(model, models);
  if (account === undefined) refuse(credentialProblem(incoming));
  else if (!parsed.ok) refuse(parsed.error);
  else if (!models.has(asked)) {
    const who = { apiKey: "", organization: "", model: asked, inputTokens: 0, maxOutputTokens: undefined };
    refuse(refusalError({ kind: "unknown-model" }, who, isProfiled(asked, models), (ms) => ms));
  } else {
    countPrompt(parsed.request, (tokens) => send(response, reply.json(`{"inputTokens":${tokens}}`)));
  }
}

/** Either a Converse request, or the body of an InvokeModel request in base 64. */
function parseCounted(body: string, model: string, incoming: Incoming): Parsed<PromptText, ApiError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  const { input } = written;
  if (isObject(input) && isObject(input["converse"])) return readConverseRequest(input["converse"], model, false);
  const invoked = isObject(input) && isObject(input["invokeModel"]) ? input["invokeModel"]["body"] : undefined;
  if (typeof invoked !== "string") return { ok: false, error: required("input") };
  return parseInvocation(Buffer.from(invoked, "base64").toString(), model, incoming);
}
