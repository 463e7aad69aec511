/**
 * `POST .../models/MODEL:countTokens`: what a prompt counts, without an answer. Free, and limited apart from generation
 * (ai.google.dev/gemini-api/docs/tokens); that limit is not modelled, so these requests reach no provider and are in no ledger.
 */
import { isObject } from "../json-fields.ts";
import { send } from "../answer.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { noQuota, type Parsed, type RefusedCall, refuseUnread } from "../generation.ts";
import { readBody } from "../request-body.ts";
import { countPrompt, type PromptText } from "../request-identity.ts";
import { parseBody, promptOf } from "./content-request.ts";
import { type GoogleError, invalidArgument, invalidField } from "./errors.ts";
import type { ContentService } from "./generate-content.ts";
import { countTokensFields } from "./proto-messages.ts";
import { contentsProblem } from "./parameters.ts";

export function countTokens(incoming: Incoming, service: ContentService, model: string): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, service.wire);
    else answer(incoming, service, model, body);
  });
}

function answer(incoming: Incoming, { wire }: ContentService, model: string, body: string): void {
  const { mounted, response } = incoming;
  const apiKey = wire.apiKeyOf(incoming, body);
  const account = mounted.accounts.get(apiKey);
  const reply = wire.replyTo(incoming, account?.organization ?? "");
  const who: RefusedCall = { apiKey, model, inputTokens: 0, maxOutputTokens: undefined, organization: "" };
  const refuse = (error: GoogleError): void => send(response, reply.error(error, noQuota));
  const parsed = parseCounted(body);
  if (account === undefined) refuse(wire.refusalError({ kind: "unknown-key" }, who, (ms) => ms, incoming));
  else if (!parsed.ok) refuse(parsed.error);
  else if (!mounted.models.has(wire.configuredModel(model, mounted.models))) {
    refuse(wire.refusalError({ kind: "unknown-model" }, who, (ms) => ms, incoming));
  } else {
    countPrompt(parsed.request, (tokens) => {
      const details = [{ modality: "TEXT", tokenCount: tokens }];
      const counted = { totalTokens: tokens, promptTokensDetails: details };
      send(response, reply.json(JSON.stringify(counted), noQuota));
    });
  }
}

/** Contents by themselves, or a whole request. */
function parseCounted(body: string): Parsed<PromptText, GoogleError> {
  const read = parseBody(body, countTokensFields);
  if (!read.ok) return read;
  const { generateContentRequest: whole, contents } = read.request;
  if (whole !== undefined && contents !== undefined) {
    return { ok: false, error: invalidArgument("contents and generate_content_request must not be set both.") };
  }
  const fields = isObject(whole) ? whole : read.request;
  const turns = Array.isArray(fields["contents"]) ? fields["contents"].filter(isObject) : [];
  if (turns.length === 0) return { ok: false, error: invalidField("contents", "contents is not specified") };
  const error = contentsProblem(turns);
  return error === undefined ? { ok: true, request: promptOf(fields) } : { ok: false, error };
}
