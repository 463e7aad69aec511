/**
 * One request and its answer on one connection: what undici tells, put on the clock and turned into a verdict.
 *
 * All instants are wall time on the engine's clock; the engine turns them into scenario time.
 */
import { type Client, type Dispatcher, errors } from "undici";
import type { PlannedRequest } from "../../behavior/workload.ts";
import type { PhaseName, RequestRecord } from "../../core/record.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import type { Verdict } from "../../core/chat-completion.ts";
import { AnswerReader } from "./answer.ts";
import type { Clock } from "./clock.ts";
import type { Route } from "./route.ts";

export interface ExchangePlan {
  /** Which try of its client it is: 1 for the first. */
  readonly tries: number;
  /** How often its person has sent the request again. */
  readonly resends: number;
  /** When the first try left, in case that is not this one. */
  readonly firstSentMs?: Ms;
  readonly phase: PhaseName;
  readonly planned: PlannedRequest;
  readonly intendedMs: Ms;
  /** The client gives up then. */
  readonly deadlineMs: Ms;
  readonly route: Route;
}

export class Exchange implements Dispatcher.DispatchHandler {
  readonly plan: ExchangePlan;
  readonly client: Client;
  readonly answer: AnswerReader;
  /** When the request was written to its connection; until then, when it was handed over. */
  sentMs: Ms;
  endMs: Ms = 0;
  verdict: Verdict | undefined;
  /** What the answer asked its client to wait before it tries again, in milliseconds; undefined: nothing. */
  retryAfterMs: Ms | undefined;
  /** Whether the gateway gave an answer that it had kept, where it says so. */
  answeredFrom: RequestRecord["answeredFrom"] = undefined;
  /** The connection is in the middle of an answer that nobody will read: it must not be used again. */
  spoiled = false;

  readonly #clock: Clock;
  readonly #onEnd: (exchange: Exchange, verdict: Verdict) => void;

  constructor(plan: ExchangePlan, client: Client, clock: Clock, onEnd: (exchange: Exchange, verdict: Verdict) => void) {
    this.plan = plan;
    this.client = client;
    this.answer = new AnswerReader(plan.planned.stream);
    this.sentMs = clock.nowMs();
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  send(body: string): void {
    const { planned, route } = this.plan;
    const { path, sessionHeader, tenantHeader } = route;
    const session = sessionHeader === undefined ? [] : [sessionHeader, planned.session];
    const tenant = tenantHeader === undefined ? [] : [tenantHeader, encodeURIComponent(planned.tenant)];
    const headers = [...route.headers, ...session, ...tenant];
    this.client.dispatch({ method: "POST", path, headers, body }, this);
  }

  /** Ends it now, whatever has come; the connection is spoiled. Nothing happens if it has ended already. */
  giveUp(verdict: Verdict): void {
    if (this.verdict !== undefined) return;
    this.spoiled = true;
    this.#end(verdict);
  }

  onRequestStart(): void {
    this.sentMs = this.#clock.nowMs();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return; // informational; the answer is still to come
    this.retryAfterMs = retryAfterOf(headers);
    this.answeredFrom = answeredFromOf(headers);
    this.answer.head(status, String(headers["content-type"] ?? ""));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const failure = this.answer.bytes(chunk, this.#clock.nowMs());
    if (failure !== undefined) this.giveUp(failure);
  }

  onResponseEnd(): void {
    this.#end(this.answer.end(this.#clock.nowMs()));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { reason, malformed } = connectionFailure(error);
    this.#end(this.answer.broken(reason, malformed));
  }

  #end(verdict: Verdict): void {
    if (this.verdict !== undefined) return;
    this.verdict = verdict;
    this.endMs = this.#clock.nowMs();
    this.#onEnd(this, verdict);
  }
}

/** `retry-after-ms`, or `retry-after` in seconds, as the SDKs read them; a date in it is not understood, as no mock sends one. */
function retryAfterOf(headers: Readonly<Record<string, string | string[] | undefined>>): Ms | undefined {
  const [inMs, inSeconds] = [Number(headers["retry-after-ms"]), Number(headers["retry-after"])];
  const afterMs = Number.isFinite(inMs) ? inMs : inSeconds * secondMs;
  return Number.isFinite(afterMs) && afterMs >= 0 ? afterMs : undefined;
}

/** What the cache of a fleet says of its own answers (`gateways/answer-cache/`). */
function answeredFromOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): RequestRecord["answeredFrom"] {
  const said = headers["x-squall-answered-from"];
  return said === "cache" || said === "similar" ? said : undefined;
}

/**
 * Why no whole answer came: `ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, `closed-early`, `invalid-http`, ... undici has three
 * names for an answer whose sender closed too early, by the way in which its body was framed.
 */
function connectionFailure(error: Error): { readonly reason: string; readonly malformed: boolean } {
  const endOfFile = error instanceof errors.HTTPParserError && error.message.includes("EOF");
  if (endOfFile || error instanceof errors.SocketError || error instanceof errors.ResponseContentLengthMismatchError) {
    return { reason: "closed-early", malformed: false };
  }
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return { reason: "invalid-http", malformed: true };
  }
  return { reason: "code" in error && typeof error.code === "string" ? error.code : error.name, malformed: false };
}
