/**
 * `POST /v1/responses/input_tokens`: what the prompt of a response counts, without an answer (openai 7.55.0,
 * resources/responses/input-tokens). It asks no limiter here and is in no ledger.
 */
import { send } from "../answer.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { noQuota, refuseUnread } from "../generation.ts";
import { readBody } from "../request-body.ts";
import { countPrompt } from "../request-identity.ts";
import { responseRefusalError, unknownKey } from "./errors.ts";
import { configuredModel } from "./models.ts";
import { apiKeyOf, replyTo } from "./reply.ts";
import { parseResponseRequest } from "./response-request.ts";
import { openAiWire } from "./wire.ts";

export function countInputTokens(incoming: Incoming): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, openAiWire);
    else answer(incoming, body);
  });
}

function answer(incoming: Incoming, body: string): void {
  const { mounted, response } = incoming;
  const apiKey = apiKeyOf(incoming);
  const account = mounted.accounts.get(apiKey);
  const organization = account?.organization ?? "";
  const reply = replyTo(incoming, organization);
  const parsed = parseResponseRequest(body, (id) => mounted.keptAnswers.get(id, organization));
  if (account === undefined) send(response, reply.error(unknownKey(apiKey), noQuota));
  else if (!parsed.ok) send(response, reply.error(parsed.error, noQuota));
  else if (!mounted.models.has(configuredModel(parsed.request.model, mounted.models))) {
    const who = { apiKey, organization, model: parsed.request.model, inputTokens: 0, maxOutputTokens: undefined };
    send(
      response,
      reply.error(
        responseRefusalError({ kind: "unknown-model" }, who, (ms) => ms),
        noQuota,
      ),
    );
  } else {
    countPrompt(parsed.request, (tokens) => {
      send(response, reply.json(`{"object":"response.input_tokens","input_tokens":${tokens}}`, noQuota));
    });
  }
}
