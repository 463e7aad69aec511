/**
 * `POST /v1/messages/count_tokens`: what a prompt counts, without an answer. Free, and limited apart from messages (token
 * counting guide); that limit is not modelled, so these requests reach no provider and are in no ledger.
 */
import { send } from "../answer.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { noQuota, refuseUnread } from "../generation.ts";
import { readBody } from "../request-body.ts";
import { countPrompt } from "../request-identity.ts";
import { unknownKey, unknownModel } from "./errors.ts";
import { parseMessageRequest } from "./message-request.ts";
import { configuredModel } from "./models.ts";
import { credentialOf, replyTo } from "./reply.ts";
import { readingRules } from "./version.ts";
import { anthropicWire } from "./wire.ts";

export function countTokens(incoming: Incoming): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, anthropicWire);
    else answer(incoming, body);
  });
}

function answer(incoming: Incoming, body: string): void {
  const { mounted, request, response } = incoming;
  const { kind, apiKey } = credentialOf(incoming);
  const account = mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  const rules = readingRules(request, "count_tokens");
  const parsed = rules.ok ? parseMessageRequest(body, rules.rules) : rules;
  if (account === undefined) send(response, reply.error(unknownKey(kind), noQuota));
  else if (!parsed.ok) send(response, reply.error(parsed.error, noQuota));
  else if (!mounted.models.has(configuredModel(parsed.request.model, mounted.models))) {
    send(response, reply.error(unknownModel(parsed.request.model), noQuota));
  } else {
    countPrompt(parsed.request, (tokens) => {
      send(response, reply.json(JSON.stringify({ input_tokens: tokens }), noQuota));
    });
  }
}
