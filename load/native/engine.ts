/**
 * The native load engine: plays a workload over HTTP/1.1 keep-alive connections from one event loop, true to streams.
 *
 *     plan ─▶ phase (open or closed loop) ─▶ room? ─▶ exchange ─▶ answer ─▶ RequestRecord
 *               ▲ instants in scenario time              │ wall time
 *               └────────────── ended ◀──────────────────┘
 *
 * It keeps no records. Where the workload gives clients a library that tries again, or people who send again by hand, each try is
 * an exchange of its own, and the last one is the record; between tries a request holds no connection. A phase begins when everything that the one before sent has ended. Requests leave
 * from timers only, never from inside the handling of an answer, so that a slow target cannot grow the stack.
 */
import { nextTry } from "../../behavior/routing/next-try.ts";
import { peopleOf, type PlannedRequest, type WorkloadPhase } from "../../behavior/workload.ts";
import { assertNever } from "../../core/invariant.ts";
import type { PhaseName } from "../../core/record.ts";
import type { PhaseSpan } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";
import type { LoadEngine, LoadOptions, LoadProgress, LoadResult } from "../engine.ts";
import type { Verdict } from "../../core/chat-completion.ts";
import { chatRequestBody } from "./chat-format.ts";
import { type Clock, monotonicClock } from "./clock.ts";
import { playClosedPhase } from "./closed-phase.ts";
import { Connections } from "./connections.ts";
import { Exchange } from "./exchange.ts";
import { recordOf } from "./exchange-record.ts";
import { GeneratorMeter, judgeGenerator } from "./generator-health.ts";
import { playOpenPhase } from "./open-phase.ts";
import { plannedRequests } from "./phase-size.ts";
import { routesTo } from "./route.ts";
import type { Stage } from "./stage.ts";

/** Wall time between two calls of `onProgress`. */
const progressEveryMs: Ms = 200;
/** A connection may take this much longer than a client waits, so that it is the client's own limit that is reported. */
const connectGraceMs: Ms = 1_000;

const interrupted: Verdict = { outcome: "unfinished", reason: "interrupted" };
const timedOut: Verdict = { outcome: "timeout", reason: "client-timeout" };
const left: Verdict = { outcome: "aborted", reason: "client-left" };

/** Plays the workload on wall time. Rejects with what a callback, the target or the workload throws, and nothing else. */
export const nativeEngine: LoadEngine = nativeEngineOn(monotonicClock);

/** The engine on a clock of the caller's choice. */
export function nativeEngineOn(clock: Clock): LoadEngine {
  return (options) => new NativeRun(options, clock).play();
}

/** The phase being played: times on the wall, counts for progress. */
interface PhaseInPlay {
  readonly phase: WorkloadPhase;
  readonly startMs: Ms;
  readonly planned: number | undefined;
  endMs: Ms | undefined;
  finished: number;
  failed: number;
}

/** One try of a request; times on the wall. */
interface Try {
  readonly phase: PhaseName;
  readonly planned: PlannedRequest;
  readonly intendedMs: Ms;
  /** When this try was due. */
  readonly startMs: Ms;
  readonly tries: number;
  /** How often its person has sent it again, and which try since then it is. */
  readonly resends: number;
  readonly triesSinceSent: number;
  /** When its person sends it again unless the answer has begun by then. */
  readonly patientUntilMs: Ms;
  readonly firstSentMs?: Ms;
}

class NativeRun {
  readonly #options: LoadOptions;
  readonly #clock: Clock;
  /** Wall time. */
  readonly #timeoutMs: Ms;
  readonly #room: number;
  readonly #connections: Connections;
  readonly #meter = new GeneratorMeter();
  readonly #route: ReturnType<typeof routesTo>;
  readonly #phases: PhaseInPlay[] = [];
  readonly #timers = new Set<() => void>();
  readonly #waiting: (() => void)[] = [];
  /** In the order in which they were sent: the order of their deadlines, give or take the lateness of the sends. */
  readonly #inFlight = new Set<Exchange>();
  /** Requests between two tries. */
  readonly #resting = new Set<(why: Verdict | undefined) => void>();
  readonly #stopAsked: PromiseWithResolvers<"interrupted"> = Promise.withResolvers();
  #stopped = false;
  #deadlineTimer = false;
  /** First thing that was thrown by somebody else's code; it fails the run. */
  #failure: { readonly cause: unknown } | undefined;

  constructor(options: LoadOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#timeoutMs = options.workload.client.timeoutMs / options.timeScale;
    this.#room = Math.min(options.limits.maxInFlight, options.limits.maxConnections);
    this.#route = routesTo(options.target);
    this.#connections = new Connections(Math.ceil(this.#timeoutMs + connectGraceMs));
  }

  async play(): Promise<LoadResult> {
    const { signal, limits } = this.#options;
    const interrupt = (): void => this.#stopAsked.resolve("interrupted");
    signal.addEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    try {
      const status = await Promise.race([this.#stopAsked.promise, this.#playPhases()]);
      this.#stop();
      if (this.#failure !== undefined) throw this.#failure.cause;
      const endMs = this.#clock.nowMs();
      return {
        status,
        phases: this.#phases.map((played) => this.#span(played, endMs)),
        generator: judgeGenerator(this.#meter.readings(), limits),
        durationMs: this.#phases.length === 0 ? 0 : this.#scenarioMs(endMs),
      };
    } finally {
      this.#stop();
      signal.removeEventListener("abort", interrupt);
      await this.#connections.closeAll();
    }
  }

  async #playPhases(): Promise<"complete"> {
    for (const phase of this.#options.workload.phases) {
      if (this.#over()) break;
      await this.#options.onPhase?.(phase);
      if (this.#over()) break;
      await this.#playPhase(phase);
    }
    return "complete";
  }

  #over(): boolean {
    return this.#stopped || this.#options.signal.aborted;
  }

  async #playPhase(phase: WorkloadPhase): Promise<void> {
    const planned = plannedRequests(phase);
    this.#meter.count(phase.name !== "warmup");
    const startMs = this.#clock.nowMs();
    const played: PhaseInPlay = { phase, startMs, planned, endMs: undefined, finished: 0, failed: 0 };
    this.#phases.push(played);
    this.#reportProgress(played);
    await playOn(this.#stage(played), phase);
    played.endMs = this.#clock.nowMs();
    this.#meter.count(false);
    this.#options.onProgress(this.#progress(played));
  }

  /** Ends the run: no timer fires any more, what is in flight is recorded as unfinished. */
  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#meter.count(false);
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const exchange of this.#inFlight) exchange.giveUp(interrupted);
    for (const wake of this.#resting) wake(interrupted);
  }

  #stage(played: PhaseInPlay): Stage {
    const { timeScale } = this.#options;
    const { startMs } = played;
    const wallMs = (phaseMs: Ms): Ms => startMs + phaseMs / timeScale;
    const phaseMs = (instantMs: Ms): Ms => (instantMs - startMs) * timeScale;
    return {
      nowMs: () => phaseMs(this.#clock.nowMs()),
      at: (instantMs, run) => this.#at(wallMs(instantMs), run),
      hasRoom: () => this.#inFlight.size < this.#room,
      whenRoom: (run) => {
        this.#meter.heldBack();
        this.#waiting.push(run);
      },
      send: (planned, dueMs, onEnd) => {
        const intendedMs = wallMs(dueMs);
        const asked = { phase: played.phase.name, planned, intendedMs, tries: 1 };
        this.#send({ ...asked, ...this.#sentBy(planned, 0, intendedMs) }, (exchange, verdict) => {
          this.#ended(played, exchange, verdict);
          onEnd(phaseMs(exchange.endMs));
        });
      },
    };
  }

  /** Sends a try. `onEnd` hears of the last one only. */
  #send(asked: Try, onEnd: (exchange: Exchange, verdict: Verdict) => void): void {
    const { phase, planned, intendedMs, startMs, tries, patientUntilMs } = asked;
    const route = this.#route(planned);
    const body = chatRequestBody(phase, planned, route.model);
    const client = this.#connections.take(route.origin);
    const deadlineMs = startMs + this.#timeoutMs;
    const leavesMs = intendedMs + (planned.leaveAfterMs ?? Number.POSITIVE_INFINITY) / this.#options.timeScale;
    const plan = { phase, planned, intendedMs, deadlineMs, route, tries, resends: asked.resends };
    const sentBefore = asked.firstSentMs === undefined ? {} : { firstSentMs: asked.firstSentMs };
    const exchange = new Exchange({ ...plan, ...sentBefore }, client, this.#clock, (ended, verdict) => {
      this.#release(ended);
      const next = this.#nextTry(asked, ended, verdict);
      if (next === undefined) return onEnd(ended, verdict);
      this.#rest(Math.min(next.startMs, leavesMs), (why) => {
        if (why === undefined && next.startMs < leavesMs) return this.#sendAgain(next, onEnd);
        ended.endMs = this.#clock.nowMs();
        onEnd(ended, why ?? left);
      });
    });
    if (tries === 1) this.#meter.sent(exchange.sentMs - intendedMs);
    this.#inFlight.add(exchange);
    // Held back for longer than its client would have waited, it is not sent at all.
    if (exchange.sentMs >= leavesMs) exchange.giveUp(left);
    else if (exchange.sentMs >= Math.min(deadlineMs, patientUntilMs)) exchange.giveUp(timedOut);
    else exchange.send(body);
    if (leavesMs < deadlineMs) this.#at(leavesMs, () => exchange.giveUp(left));
    if (patientUntilMs < Math.min(deadlineMs, leavesMs)) {
      this.#at(patientUntilMs, () => {
        if (exchange.answer.chunks === 0) exchange.giveUp(timedOut);
      });
    }
    this.#watchDeadlines();
  }

  /** A request rests until an instant; `goOn` hears why it is woken before that. */
  #rest(untilMs: Ms, goOn: (why: Verdict | undefined) => void): void {
    this.#resting.add(goOn);
    this.#at(untilMs, () => {
      this.#resting.delete(goOn);
      goOn(undefined);
    });
  }

  #sendAgain(next: Try, onEnd: (exchange: Exchange, verdict: Verdict) => void): void {
    if (this.#inFlight.size < this.#room) return this.#send(next, onEnd);
    this.#meter.heldBack();
    this.#waiting.push(() => this.#send(next, onEnd));
  }

  /** The try that comes after this one, with what of the request is as before; undefined: there is none. */
  #nextTry(asked: Try, exchange: Exchange, { outcome }: Verdict): Try | undefined {
    if (this.#stopped) return undefined;
    const { timeScale, workload } = this.#options;
    const { answer, endMs, retryAfterMs } = exchange; // a mock speaks of scenario time, also in headers
    const { planned, resends, triesSinceSent } = asked;
    const next = nextTry(workload.client, {
      key: planned.key,
      tries: triesSinceSent,
      resends,
      outcome,
      status: answer.status,
      retryAfterMs,
      begun: answer.chunks > 0,
      patienceLeftMs: (asked.patientUntilMs - endMs) * timeScale,
    });
    if (next === undefined) return undefined;
    const startMs = endMs + next.waitMs / timeScale;
    const again = { ...asked, tries: asked.tries + 1, firstSentMs: asked.firstSentMs ?? exchange.sentMs };
    return next.by === "library"
      ? { ...again, startMs, triesSinceSent: triesSinceSent + 1 }
      : { ...again, ...this.#sentBy(planned, resends + 1, startMs) };
  }

  /** Its person sends a request at an instant, having sent it again so many times. */
  #sentBy(
    { key }: PlannedRequest,
    resends: number,
    startMs: Ms,
  ): Pick<Try, "resends" | "startMs" | "triesSinceSent" | "patientUntilMs"> {
    const { timeScale, workload } = this.#options;
    const patienceMs = workload.client.resends?.patienceMs(key, resends) ?? Number.POSITIVE_INFINITY;
    return { resends, startMs, triesSinceSent: 1, patientUntilMs: startMs + patienceMs / timeScale };
  }

  #ended(played: PhaseInPlay, exchange: Exchange, verdict: Verdict): void {
    const { firstTokenMs } = exchange.answer;
    if (firstTokenMs !== null) this.#meter.answered(firstTokenMs - exchange.sentMs);
    played.finished += 1;
    if (verdict.outcome !== "ok") played.failed += 1;
    const { timeScale } = this.#options;
    this.#guard(() => this.#options.onRecord(recordOf(exchange, verdict, (ms) => this.#scenarioMs(ms), timeScale)));
  }

  /** An exchange has ended: its connection is free, or gone, and whoever waits for room has it. */
  #release(exchange: Exchange): void {
    this.#inFlight.delete(exchange);
    if (exchange.spoiled) void this.#connections.drop(exchange.client);
    else this.#connections.giveBack(exchange.plan.route.origin, exchange.client);
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) this.#at(exchange.endMs, waiting);
  }

  /** One timer for all deadlines: every client waits equally long, so whoever was sent first is due first. */
  #watchDeadlines(): void {
    const [oldest] = this.#deadlineTimer ? [] : this.#inFlight;
    if (oldest === undefined) return;
    this.#deadlineTimer = true;
    this.#at(oldest.plan.deadlineMs, () => {
      this.#deadlineTimer = false;
      const nowMs = this.#clock.nowMs();
      for (const exchange of this.#inFlight) {
        if (exchange.plan.deadlineMs > nowMs) break;
        exchange.giveUp(timedOut);
      }
      this.#watchDeadlines();
    });
  }

  #at(instantMs: Ms, run: () => void): void {
    if (this.#stopped) return;
    const cancel = this.#clock.at(instantMs, () => {
      this.#timers.delete(cancel);
      this.#guard(run);
    });
    this.#timers.add(cancel);
  }

  /** Code that is not the engine's runs inside callbacks of timers and sockets: what it throws ends the run. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (cause) {
      this.#failure ??= { cause };
      this.#stopAsked.resolve("interrupted");
    }
  }

  #reportProgress(played: PhaseInPlay): void {
    if (played.endMs !== undefined) return;
    this.#options.onProgress(this.#progress(played));
    this.#at(this.#clock.nowMs() + progressEveryMs, () => this.#reportProgress(played));
  }

  #progress(played: PhaseInPlay): LoadProgress {
    const { phase, startMs, planned, finished, failed } = played;
    const elapsedMs = ((played.endMs ?? this.#clock.nowMs()) - startMs) * this.#options.timeScale;
    return { phase: phase.name, elapsedMs, planned, finished, failed, inFlight: this.#inFlight.size };
  }

  #span({ phase, startMs, endMs }: PhaseInPlay, runEndMs: Ms): PhaseSpan {
    const span = { name: phase.name, startMs: this.#scenarioMs(startMs), endMs: this.#scenarioMs(endMs ?? runEndMs) };
    const users = peopleOf(phase);
    return users === undefined ? span : { ...span, users };
  }

  /** Scenario time since the start of the first phase, to the microsecond. */
  #scenarioMs(wallMs: Ms): Ms {
    const zeroMs = this.#phases[0]?.startMs ?? wallMs;
    return Math.round((wallMs - zeroMs) * this.#options.timeScale * 1_000) / 1_000;
  }
}

function playOn(stage: Stage, phase: WorkloadPhase): Promise<void> {
  switch (phase.kind) {
    case "open":
      return playOpenPhase(phase, stage);
    case "closed":
      return playClosedPhase(phase, stage);
    default:
      return assertNever(phase);
  }
}
