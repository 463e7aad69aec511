/**
 * The way of every request that makes a model work, the same for every dialect: read, recognise the key, understand, measure
 * the prompt, let the provider decide. What is particular to a dialect or to an endpoint is a value.
 */
import type { ProviderAsk, QuotaSnapshot, Refusal } from "../behavior/provider.ts";
import { InvariantError } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import { type AnswerWriter, type HttpAnswer, send } from "./answer.ts";
import { traceHeadersOf } from "./call-traces.ts";
import { type Call, endUnserved, endWithoutStream } from "./call.ts";
import { bodyBytesMax, type Incoming } from "./dialect.ts";
import { playCall } from "./exchange.ts";
import { readBody } from "./request-body.ts";
import { identify, type PromptText, type RequestIdentity } from "./request-identity.ts";

/** What a dialect has understood of a request. */
export interface GenerationRequest extends PromptText {
  readonly model: string;
  readonly stream: boolean;
}

/** `Problem` is what a dialect makes an error answer from. */
export type Parsed<Request, Problem> =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly error: Problem };

/** What a dialect's answers to one request have in common: ids, headers, errors. */
export interface DialectReply<Problem> {
  /** Empty when the key is not known. */
  readonly organization: string;
  readonly error: (error: Problem, quota: QuotaSnapshot) => HttpAnswer;
}

/** What all endpoints of a dialect have in common. */
export interface Wire<Problem, Reply extends DialectReply<Problem>> {
  /** Empty when the request has no key. `body`: the whole, for keys that prove themselves by a signature. */
  readonly apiKeyOf: (incoming: Incoming, body: string) => string;
  readonly replyTo: (incoming: Incoming, organization: string) => Reply;
  /** The configured name of a model that was asked for; the name itself when there is none. */
  readonly configuredModel: (asked: string, configured: ReadonlySet<string>) => string;
  /** Whether o200k_base is this model's own encoding, so that tokens counted in it are exact; never so unless given. */
  readonly countsExactly?: (model: string) => boolean;
  readonly bodyTooLarge: (bytesMax: number) => Problem;
  /** `toWallMs` turns scenario time into the client's. */
  readonly refusalError: (
    refusal: Refusal,
    who: RefusedCall,
    toWallMs: (ms: Ms) => number,
    incoming: Incoming,
  ) => Problem;
}

/** What the texts of refusals speak of. */
export interface RefusedCall extends Pick<ProviderAsk, "apiKey" | "model" | "inputTokens" | "maxOutputTokens"> {
  readonly organization: string;
  /** Absent when its key belongs to none. */
  readonly project?: string | undefined;
}

/** One endpoint. */
export interface Generation<Request extends GenerationRequest, Problem, Reply extends DialectReply<Problem>> {
  readonly wire: Wire<Problem, Reply>;
  readonly parse: (body: string, incoming: Incoming) => Parsed<Request, Problem>;
  /** `organization`: whose call it is. */
  readonly compose: (
    request: Request,
    identity: RequestIdentity,
    incoming: Incoming,
    organization: string,
  ) => Composition<Reply>;
}

/** An answer in the making: how long it would be, and how it is written once the provider has decided. */
export interface Composition<Reply> extends Pick<
  ProviderAsk,
  "maxOutputTokens" | "outputTokens" | "reasoningTokens" | "cachedTokens" | "cacheWrites" | "capacity"
> {
  readonly writer: (ask: ProviderAsk, reply: Reply) => Pick<AnswerWriter, "whole" | "stream">;
}

export function handleGeneration<Request extends GenerationRequest, Problem, Reply extends DialectReply<Problem>>(
  incoming: Incoming,
  endpoint: Generation<Request, Problem, Reply>,
): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, endpoint.wire);
    else handleBody(incoming, endpoint, body);
  });
}

function handleBody<Request extends GenerationRequest, Problem, Reply extends DialectReply<Problem>>(
  incoming: Incoming,
  { wire, parse, compose }: Generation<Request, Problem, Reply>,
  body: string,
): void {
  const { mounted, state } = incoming;
  const apiKey = wire.apiKeyOf(incoming, body);
  const account = mounted.accounts.get(apiKey);
  const reply = wire.replyTo(incoming, account?.organization ?? "");
  if (account === undefined) {
    // Nobody's request is not read; the behavior refuses it, so that it is counted.
    const ask = { ...emptyAsk, apiKey };
    playCall(callOf(incoming, wire, reply, ask, madeUp(incoming, "stranger"), neverServed));
    return;
  }
  const parsed = parse(body, incoming);
  if (!parsed.ok) {
    const call = callOf(incoming, wire, reply, { ...emptyAsk, apiKey }, madeUp(incoming, "invalid"), neverServed);
    const answer = reply.error(parsed.error, noQuota);
    endUnserved(call, endWithoutStream(call, "rejected", answer.status, answer.reason));
    send(incoming.response, answer);
    return;
  }
  const { request } = parsed;
  identify(state, request, body, (planned) => {
    const model = wire.configuredModel(request.model, mounted.models);
    const identity = identityAsCached(planned, model, incoming);
    const composition = compose(request, identity, incoming, reply.organization);
    const ask = askOf(identity, composition, apiKey, model, request.stream);
    const isEstimate = identity.tokensBy === "o200k_base" && wire.countsExactly?.(ask.model) !== true;
    const who = isEstimate ? { ...identity, tokensBy: "o200k_base-estimate" as const } : identity;
    playCall(callOf(incoming, wire, reply, ask, who, composition.writer(ask, reply)));
  });
}

/** With what the provider's cache has of what is planned to be there, where it does not take the plan's word for it. */
function identityAsCached(
  planned: RequestIdentity,
  model: string,
  { mounted: { spec, provider }, arrivalMs }: Incoming,
): RequestIdentity {
  if (spec.promptCache === undefined) return planned;
  const { key: requestKey, cachedTokens } = planned;
  return { ...planned, cachedTokens: provider.cachedTokens(arrivalMs, { requestKey, model, cachedTokens }) };
}

function askOf(
  identity: RequestIdentity,
  composition: Composition<never>,
  apiKey: string,
  model: string,
  stream: boolean,
): ProviderAsk {
  return {
    apiKey,
    requestKey: identity.key,
    attempt: identity.attempt,
    model,
    inputTokens: identity.inputTokens,
    cachedTokens: composition.cachedTokens,
    cacheWrites: composition.cacheWrites,
    promptCharacters: identity.promptCharacters,
    maxOutputTokens: composition.maxOutputTokens,
    outputTokens: composition.outputTokens,
    reasoningTokens: composition.reasoningTokens,
    stream,
    capacity: composition.capacity,
  };
}

function callOf<Problem, Reply extends DialectReply<Problem>>(
  incoming: Incoming,
  wire: Wire<Problem, Reply>,
  reply: Reply,
  ask: ProviderAsk,
  who: Pick<RequestIdentity, "phase" | "key" | "tokensBy">,
  writer: Pick<AnswerWriter, "whole" | "stream">,
): Call {
  const { mock, state, mounted, request, response, arrivalMs } = incoming;
  const { organization } = reply;
  const project = mounted.accounts.get(ask.apiKey)?.project;
  return {
    mock,
    state,
    mounted,
    response,
    ...(mock.traces === undefined ? {} : { traceHeaders: traceHeadersOf(request.headers) }),
    arrivalMs,
    phase: who.phase,
    key: who.key,
    tokensBy: who.tokensBy,
    organization,
    ask,
    answer: {
      whole: writer.whole,
      stream: writer.stream,
      refusal: (refusal, quota) =>
        reply.error(
          wire.refusalError(refusal, { ...ask, organization, project }, (ms) => state.clock.toWallMs(ms), incoming),
          quota,
        ),
    },
  };
}

/** What answers show that ask no limiter. */
export const noQuota: QuotaSnapshot = { requests: undefined, tokens: undefined };

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

function madeUp(incoming: Incoming, why: string): Pick<RequestIdentity, "phase" | "key" | "tokensBy"> {
  return { phase: "load", tokensBy: "none", key: `${why}.${incoming.state.answers.count}` };
}

const neverServed: Pick<AnswerWriter, "whole" | "stream"> = {
  whole: () => unreachable(),
  stream: () => unreachable(),
};

function unreachable(): never {
  throw new InvariantError("a call that was not understood is never served");
}

/**
 * How long a client may go on sending a body that nobody wants, wall milliseconds. Hanging up at once would reset the connection
 * under the refusal, before the client has read it.
 */
const lingerMs = 1_000;

export function refuseUnread<Problem>(incoming: Incoming, wire: Wire<Problem, DialectReply<Problem>>): void {
  const { request, response } = incoming;
  send(response, wire.replyTo(incoming, "").error(wire.bodyTooLarge(bodyBytesMax), noQuota));
  setTimeout(() => request.destroy(), lingerMs).unref();
}
