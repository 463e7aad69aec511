/**
 * The way of every request that makes a model work: read, recognise the key, understand, measure the prompt, let the
 * provider decide. What is particular to an endpoint is a value.
 */
import type { ProviderAsk } from "../../behavior/provider.ts";
import { InvariantError } from "../../core/invariant.ts";
import { type AnswerWriter, send } from "../answer.ts";
import { type Call, endUnserved, endWithoutStream } from "../call.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { playCall } from "../exchange.ts";
import { readBody } from "../request-body.ts";
import { identify, type RequestIdentity } from "../request-identity.ts";
import { type ApiError, bodyTooLarge, refusalError } from "./errors.ts";
import { configuredModel } from "./models.ts";
import { apiKeyOf, noQuota, type Reply, replyTo } from "./reply.ts";

/** What the provider has to know of a request. */
export interface GenerationRequest {
  readonly model: string;
  readonly stream: boolean;
  /** Per answer; undefined when not sent. */
  readonly maxOutputTokens: number | undefined;
  /** How many answers of the usual length it asks for; 0 when it asks for no text. */
  readonly choices: number;
  /** All text of the prompt, in order. */
  readonly texts: readonly string[];
  /** Tokens of the prompt beside those of its texts. */
  readonly formatTokens: number;
  /** Characters of the prompt, which the limiter estimates from. */
  readonly characters: number;
}

export type Parsed<Request> =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly error: ApiError };

/** One endpoint. */
export interface Generation<Request extends GenerationRequest> {
  readonly parse: (body: string) => Parsed<Request>;
  readonly answer: (request: Request, ask: ProviderAsk, reply: Reply) => Pick<AnswerWriter, "whole" | "stream">;
}

export function handleGeneration<Request extends GenerationRequest>(
  incoming: Incoming,
  endpoint: Generation<Request>,
): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming);
    else handleBody(incoming, endpoint, body);
  });
}

function handleBody<Request extends GenerationRequest>(
  incoming: Incoming,
  endpoint: Generation<Request>,
  body: string,
): void {
  const { mounted, state } = incoming;
  const apiKey = apiKeyOf(incoming);
  const account = mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  if (account === undefined) {
    // Nobody's request is not read; the behavior refuses it, so that it is counted.
    const ask = { ...emptyAsk, apiKey };
    playCall(callOf(incoming, reply, ask, madeUp(incoming, "stranger"), neverServed));
    return;
  }
  const parsed = endpoint.parse(body);
  if (!parsed.ok) {
    const call = callOf(incoming, reply, { ...emptyAsk, apiKey }, madeUp(incoming, "invalid"), neverServed);
    const answer = reply.error(parsed.error, noQuota);
    endUnserved(call, endWithoutStream(call, "rejected", answer.status, answer.reason));
    send(incoming.response, answer);
    return;
  }
  const { request } = parsed;
  identify(state, request, body, (identity) => {
    const ask = askOf(request, identity, apiKey, configuredModel(request.model, mounted.models));
    playCall(callOf(incoming, reply, ask, identity, endpoint.answer(request, ask, reply)));
  });
}

/** With several answers to one prompt, caps and lengths are meant per answer. */
function askOf(request: GenerationRequest, identity: RequestIdentity, apiKey: string, model: string): ProviderAsk {
  const { choices, maxOutputTokens, stream } = request;
  const { inputTokens, cachedTokens, promptCharacters } = identity;
  return {
    apiKey,
    requestKey: identity.key,
    attempt: identity.attempt,
    model,
    inputTokens,
    cachedTokens,
    promptCharacters,
    maxOutputTokens: maxOutputTokens === undefined ? undefined : maxOutputTokens * choices,
    outputTokens: identity.outputTokens * choices,
    stream,
  };
}

function callOf(
  incoming: Incoming,
  reply: Reply,
  ask: ProviderAsk,
  who: Pick<RequestIdentity, "phase" | "key">,
  writer: Pick<AnswerWriter, "whole" | "stream">,
): Call {
  const { mock, state, mounted, response, arrivalMs } = incoming;
  const { organization } = reply;
  return {
    mock,
    state,
    mounted,
    response,
    arrivalMs,
    phase: who.phase,
    key: who.key,
    organization,
    ask,
    answer: {
      whole: writer.whole,
      stream: writer.stream,
      refusal: (refusal, quota) =>
        reply.error(
          refusalError(refusal, { ...ask, organization }, (ms) => state.clock.toWallMs(ms)),
          quota,
        ),
    },
  };
}

/** What is known of a request that was not understood. */
const emptyAsk: Omit<ProviderAsk, "apiKey"> = {
  requestKey: "",
  attempt: 1,
  model: "",
  inputTokens: 0,
  cachedTokens: 0,
  promptCharacters: 0,
  maxOutputTokens: undefined,
  outputTokens: 0,
  stream: false,
};

function madeUp(incoming: Incoming, why: string): Pick<RequestIdentity, "phase" | "key"> {
  return { phase: "load", key: `${why}.${incoming.state.answers.count}` };
}

const neverServed: Pick<AnswerWriter, "whole" | "stream"> = {
  whole: () => unreachable(),
  stream: () => unreachable(),
};

function unreachable(): never {
  throw new InvariantError("a call that was not understood is never served");
}

/** How long a client may go on sending a body that is not read, so that it can read the refusal, wall milliseconds. */
const lingerMs = 1_000;

function refuseUnread(incoming: Incoming): void {
  const { request, response } = incoming;
  const answer = replyTo(incoming, "").error(bodyTooLarge(bodyBytesMax), noQuota);
  send(response, { ...answer, headers: [...answer.headers, "connection", "close"] });
  setTimeout(() => request.destroy(), lingerMs).unref();
}
