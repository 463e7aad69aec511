/**
 * Claude on Vertex AI: `publishers/anthropic/models/MODEL:rawPredict` and `:streamRawPredict`.
 *
 * Bodies and answers are Anthropic's, but the model stands in the path and the version in the body
 * (@anthropic-ai/vertex-sdk 1.1.3 [ran]); prompts are counted at `models/count-tokens:rawPredict`. Errors come from two places:
 * Google's front end, which knows callers, models and limits, answers in its envelope, and the model in Anthropic's ([recalled]).
 */
import { isObject, parseObject } from "../json-fields.ts";
import type { Refusal } from "../../behavior/provider.ts";
import { send } from "../answer.ts";
import { type ApiError, bodyNotJson, bodyTooLarge, refusalError as claudeRefusal } from "../anthropic/errors.ts";
import { messageId } from "../anthropic/ids.ts";
import { type MessageRequest, parseMessageRequest, type ReadingRules } from "../anthropic/message-request.ts";
import { messages } from "../anthropic/messages.ts";
import { modelCharactersMax, notOneOf, required } from "../anthropic/parameters.ts";
import { type Reply as ClaudeReply, replyTo as claudeReplyTo } from "../anthropic/reply.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { errorBody, type GoogleError } from "../gemini/errors.ts";
import { answerHeaders, jsonType } from "../gemini/headers.ts";
import { isWithinDepth } from "../gemini/proto-json.ts";
import { type DialectReply, type Generation, noQuota, type Parsed, refuseUnread, type Wire } from "../generation.ts";
import { readBody } from "../request-body.ts";
import { countPrompt } from "../request-identity.ts";
import { refusalError, unauthenticated, unknownModel } from "./errors.ts";
import { configuredModel } from "./models.ts";
import { credentialOf } from "./reply.ts";
import type { Target } from "./paths.ts";

/** Who found a request wrong. */
type Problem =
  | { readonly from: "front-end"; readonly error: GoogleError }
  | { readonly from: "model"; readonly error: ApiError };

interface Reply extends DialectReply<Problem> {
  readonly claude: ClaudeReply;
}

/** What counts prompts stands where models do. */
export const countingModel = "count-tokens";

/** `:rawPredict` and `:streamRawPredict` alike: whether the answer is streamed, the body says. */
export function rawPredict(target: Target): Generation<MessageRequest, Problem, Reply> {
  return {
    wire: wireFor(target),
    parse: (body) => parseRaw(body, target.model, "messages"),
    compose: (request, identity, incoming, organization) => {
      const { writer, ...composition } = messages.compose(request, identity, incoming, organization);
      return { ...composition, writer: (ask, reply) => writer(ask, reply.claude) };
    },
  };
}

/** Free, and limited apart from messages; these requests reach no provider and are in no ledger. */
export function countClaudeTokens(incoming: Incoming, target: Target): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, wireFor(target));
    else answerCount(incoming, target, body);
  });
}

function answerCount(incoming: Incoming, target: Target, body: string): void {
  const { mounted, response } = incoming;
  const { credential, apiKey } = credentialOf(incoming);
  const account = mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  const model = modelInBody(body);
  const parsed = parseRaw(body, model, "count_tokens");
  const refuse = (problem: Problem): void => send(response, reply.error(problem, noQuota));
  if (account === undefined) refuse({ from: "front-end", error: unauthenticated(credential, target.method) });
  else if (!parsed.ok) refuse(parsed.error);
  else if (!mounted.models.has(configuredModel(model, mounted.models))) {
    refuse({ from: "front-end", error: unknownModel({ ...target, model }) });
  } else {
    countPrompt(parsed.request, (tokens) => {
      send(response, reply.claude.json(JSON.stringify({ input_tokens: tokens }), noQuota));
    });
  }
}

function wireFor(target: Target): Wire<Problem, Reply> {
  return {
    apiKeyOf: (incoming) => credentialOf(incoming).apiKey,
    replyTo,
    configuredModel,
    bodyTooLarge: () => ({ from: "model", error: bodyTooLarge }),
    refusalError: (refusal, who, toWallMs, incoming) =>
      isModelsOwn(refusal)
        ? { from: "model", error: claudeRefusal(refusal, who, "bearer", toWallMs) }
        : { from: "front-end", error: refusalError(refusal, credentialOf(incoming).credential, target, toWallMs) },
  };
}

/** The front end knows nothing of contexts, and does not fail with the model. */
function isModelsOwn(refusal: Refusal): boolean {
  return refusal.kind === "context-length" || (refusal.kind === "fault" && refusal.status !== 429);
}

function replyTo(incoming: Incoming, organization: string): Reply {
  const anthropic = claudeReplyTo(incoming, "");
  const claude: ClaudeReply = {
    ...anthropic,
    // No answer tells what is left of a limit, and ids say who resells them.
    headers: (contentType) => anthropic.headers(contentType, noQuota),
    json: (body) => anthropic.json(body, noQuota),
    messageId: () => messageId(anthropic.start, "msg_vrtx_01"),
  };
  return {
    organization,
    claude,
    error: ({ from, error }) => {
      if (from === "model") return claude.error(error, noQuota);
      const headers = answerHeaders(jsonType, incoming.state.clock.wall.nowMs() - incoming.arrivalWallMs);
      return { status: error.status, headers, body: errorBody(error), reason: error.code };
    },
  };
}

/** Versions that a body may name, and the Anthropic API's that they mean (@anthropic-ai/vertex-sdk 1.1.3; before 1.0 the former). */
const versions: Readonly<Record<string, ReadingRules["version"]>> = {
  "vertex-2023-10-16": "2023-06-01",
  "2026-10-21": "2026-10-21",
};

function parseRaw(body: string, model: string, endpoint: ReadingRules["endpoint"]): Parsed<MessageRequest, Problem> {
  const written = parseObject(body);
  if (written === undefined || !isWithinDepth(written)) return refused(bodyNotJson);
  const { anthropic_version: named, anthropic_beta: betas, model: _inBody, ...fields } = written;
  if (named === undefined) return refused(required("anthropic_version"));
  const version = typeof named === "string" && Object.hasOwn(versions, named) ? versions[named] : undefined;
  if (version === undefined) return refused(notOneOf("anthropic_version", Object.keys(versions)));
  const rules: ReadingRules = { version, endpoint, beta: Array.isArray(betas) && betas.length > 0 };
  const parsed = parseMessageRequest(JSON.stringify({ model, ...fields }), rules);
  return parsed.ok ? parsed : refused(parsed.error);
}

function refused(error: ApiError): Parsed<never, Problem> {
  return { ok: false, error: { from: "model", error } };
}

function modelInBody(body: string): string {
  const written = parseObject(body);
  const model = isObject(written) ? written["model"] : undefined;
  return typeof model === "string" ? model.slice(0, modelCharactersMax) : "";
}
