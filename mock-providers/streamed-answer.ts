/**
 * A streamed answer on its way: each content event at its planned time, however many streams there are.
 *
 * Planned times come from the behavior and count from admission; what is late is measured, and a late event does not move the
 * ones behind it. Events that have come due together leave in one write. Nothing is generated ahead: an event's text is
 * made when it is written, so a slow reader holds back an index and not a buffer.
 *
 * The headers leave together with the first event, unless the configuration says at once. The real service, too, sends its
 * headers about when the first token is there, which is why a gateway's limit on waiting for headers bounds its time to
 * first token.
 */
import type { ProviderDecision, ResponsePlan } from "../behavior/provider.ts";
import { chunksBegun, tokensThrough } from "../behavior/stream-usage.ts";
import { assertNever } from "../core/invariant.ts";
import type { Outcome } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import { type StreamWriter, tornEvents } from "./answer.ts";
import { type Call, endServed, plannedMsSince, silenceWallMsMax, wallMsPerPlannedMs } from "./call.ts";
import type { HttpResponse } from "./http-exchange.ts";
import type { PacedJob } from "./pacer.ts";

type Served = Extract<ProviderDecision, { readonly kind: "serve" }>;

export function playStream(call: Call, served: Served, beganWallMs: number): void {
  new StreamedAnswer(call, served, beganWallMs).start();
}

/** `held`: the reader does not keep up. `stalled`: a fault keeps the rest back. Both are cut when they last too long. */
type StreamState = "playing" | "held" | "stalled" | "ended";

class StreamedAnswer implements PacedJob {
  dueWallMs: number;
  heapIndex = -1;
  readonly #call: Call;
  readonly #response: HttpResponse;
  readonly #served: Served;
  readonly #plan: ResponsePlan;
  readonly #beganWallMs: number;
  readonly #wallPerPlanned: number;
  /** Content events to write in all; fewer than planned when a fault breaks the stream. */
  readonly #last: number;
  #state: StreamState = "playing";
  #writer: StreamWriter | undefined;
  #written = 0;
  #firstTokenMs: Ms | null = null;
  #latestMs: Ms = 0;
  #gapMaxMs: Ms = 0;
  /** Events due before this were held back by their reader: not our lateness. */
  #heldUntilWallMs = 0;

  constructor(call: Call, served: Served, beganWallMs: number) {
    this.#call = call;
    this.#response = call.response;
    this.#served = served;
    this.#plan = served.plan;
    this.#beganWallMs = beganWallMs;
    this.#wallPerPlanned = wallMsPerPlannedMs(call.state);
    this.#last = served.plan.broken?.afterChunks ?? served.plan.chunks;
    this.dueWallMs = this.#nextDueWallMs();
  }

  start(): void {
    if (this.#response.destroyed) {
      this.#clientLeft();
      return;
    }
    // On the response, not on its socket: a listener per request on a kept-alive socket never goes away.
    this.#response.once("close", () => this.#clientLeft());
    if (this.#call.state.config.streamHeaders === "at-once") {
      this.#openWriter();
      this.#response.flushHeaders();
    }
    const nowWallMs = this.#call.mock.time.nowMs();
    if (this.dueWallMs > nowWallMs || this.run(nowWallMs)) this.#call.mock.pacer.schedule(this);
  }

  /** Writes all content events that are due in one write; cuts a stream that was silent for too long. */
  run(nowWallMs: number): boolean {
    if (this.#state !== "playing") {
      this.#response.destroy();
      return false;
    }
    const from = this.#written;
    if (this.#plan.notBeforeMs !== undefined) {
      this.dueWallMs = this.#nextDueWallMs();
      if (this.dueWallMs > nowWallMs) return true;
    }
    while (this.#written < this.#last && this.dueWallMs <= nowWallMs) {
      if (this.dueWallMs >= this.#heldUntilWallMs) this.#call.mock.metrics.chunkSent(nowWallMs - this.dueWallMs);
      this.#written++;
      this.dueWallMs = this.#nextDueWallMs();
    }
    const writer = this.#writer ?? this.#openWriter();
    const head = from === 0 ? writer.head() : "";
    if (this.#written > from) this.#noteContent(nowWallMs);
    const text = head + writer.content(from, this.#written);
    if (this.#written === this.#last) return this.#finish(writer, text);
    if (this.#write(writer, text)) return true;
    this.#response.once("drain", () => this.#goOn());
    return this.#waitAtMost("held");
  }

  /** When the next content event is due; for an answer without any, when it is done. */
  #nextDueWallMs(): number {
    const { chunks, totalMs, notBeforeMs } = this.#plan;
    notBeforeMs?.(this.#written, plannedMsSince(this.#call.state, this.#beganWallMs, this.#wallPerPlanned));
    const dueMs = this.#written < chunks ? this.#plan.chunkAtMs(this.#written) : totalMs;
    return this.#beganWallMs + dueMs * this.#wallPerPlanned;
  }

  #openWriter(): StreamWriter {
    const writer = this.#call.answer.stream(this.#plan, this.#served.quota);
    this.#response.writeHead(200, [...writer.headers]);
    this.#writer = writer;
    return writer;
  }

  #write(writer: StreamWriter, text: string): boolean {
    return this.#response.write(text, encodingOf(writer));
  }

  #noteContent(nowWallMs: number): void {
    const nowMs = this.#call.state.clock.msAt(nowWallMs);
    if (this.#firstTokenMs === null) this.#firstTokenMs = nowMs;
    else this.#gapMaxMs = Math.max(this.#gapMaxMs, nowMs - this.#latestMs);
    this.#latestMs = nowMs;
  }

  /** The last content there will be. Whether to run again. */
  #finish(writer: StreamWriter, text: string): boolean {
    const { broken } = this.#plan;
    switch (broken?.how) {
      case undefined:
        return this.#endWith(writer, "ok", "", text + writer.tail());
      case "error-event":
        return this.#endWith(writer, "cut-stream", "error-event", text + writer.error(broken.status));
      case "truncate":
        return this.#endWith(writer, "cut-stream", "truncate", text);
      case "malformed":
        return this.#endWith(writer, "malformed", "malformed", text + tornEvents(this.#rest(writer)));
      case "cut":
        this.#end("cut-stream", "cut");
        this.#write(writer, text);
        this.#response.socket?.destroySoon();
        return false;
      case "stall":
        this.#write(writer, text);
        return this.#waitAtMost("stalled");
      default:
        return assertNever(broken);
    }
  }

  /** The last bytes that there are, in order; written down before they leave. */
  #endWith(writer: StreamWriter, outcome: Outcome, reason: string, text: string): false {
    this.#end(outcome, reason);
    this.#response.end(text, encodingOf(writer));
    return false;
  }

  /** What would come next. */
  #rest(writer: StreamWriter): string {
    const next = this.#last < this.#plan.chunks ? writer.content(this.#last, this.#last + 1) : "";
    return next === "" ? writer.tail() : next;
  }

  #waitAtMost(state: "held" | "stalled"): boolean {
    this.#state = state;
    this.dueWallMs = this.#call.mock.time.nowMs() + silenceWallMsMax;
    return true;
  }

  /** The reader has caught up. */
  #goOn(): void {
    if (this.#state !== "held") return;
    this.#call.mock.pacer.cancel(this);
    this.#state = "playing";
    this.#heldUntilWallMs = this.#call.mock.time.nowMs();
    this.dueWallMs = this.#nextDueWallMs();
    this.#call.mock.pacer.schedule(this);
  }

  #clientLeft(): void {
    if (this.#state === "ended") return;
    this.#call.mock.pacer.cancel(this);
    if (this.#state === "stalled") this.#end("cut-stream", "stall");
    else this.#end("aborted", "client_left");
  }

  #end(outcome: Outcome, reason: string): void {
    this.#state = "ended";
    const plan = this.#plan;
    const completed = outcome === "ok";
    const elapsedMs = plannedMsSince(this.#call.state, this.#beganWallMs, this.#wallPerPlanned);
    const begun = completed ? plan.chunks : chunksBegun(plan, elapsedMs);
    const generated = Math.max(this.#written, Math.min(this.#last, begun));
    const outputTokens = tokensThrough(plan, generated);
    const wastedTokens = outputTokens - tokensThrough(plan, this.#written);
    endServed(
      this.#call,
      this.#served.ticket,
      { outputTokens, wastedTokens, completed },
      {
        endMs: this.#call.state.clock.nowMs(),
        outcome,
        status: this.#writer === undefined ? 0 : 200,
        reason,
        firstTokenMs: this.#firstTokenMs,
        chunks: this.#written,
        gapMaxMs: this.#gapMaxMs,
      },
    );
  }
}

function encodingOf(writer: StreamWriter): BufferEncoding {
  return writer.encoding ?? "utf8";
}
