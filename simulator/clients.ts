/**
 * The clients: they play the phases of a workload, one after the other, by the rules of the load engine.
 *
 * An open phase sends every request on its own instant. It ends when it has lasted `durationMs`, all its requests are sent
 * and all of them have ended. In a closed phase a user sends the first request at `startMs`, each other one a pause after
 * the previous answer, and is done at the end of the script or when the next request would be due after `durationMs`; the
 * phase ends when all users are done. The next phase begins at that very instant. Calls that go on for clients who have left
 * hold up no phase.
 */
import {
  type ClosedPhase,
  type OpenPhase,
  peopleOf,
  type PlannedRequest,
  type Workload,
  type WorkloadPhase,
} from "../behavior/workload.ts";
import { assertNever, invariant } from "../core/invariant.ts";
import type { PhaseSpan } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { clientActs, schedule } from "./events.ts";
import { type Journey, microseconds, nobody } from "./journey.ts";
import type { Kernel } from "./kernel.ts";

export interface ClientsOptions {
  readonly kernel: Kernel;
  readonly workload: Workload;
  readonly onPhaseStart: (phase: WorkloadPhase) => void;
  readonly onPhaseEnd: (phase: WorkloadPhase) => void;
  /** Sends a request now. */
  readonly send: (phase: WorkloadPhase, user: number, planned: PlannedRequest) => void;
}

/** What an open phase has still to do. */
interface OpenPlay {
  readonly kind: "open";
  readonly phase: OpenPhase;
  readonly arrivals: Iterator<PlannedRequest>;
  next: PlannedRequest | undefined;
  inFlight: number;
  over: boolean;
}

/** What the users of a closed phase have still to do. */
interface ClosedPlay {
  readonly kind: "closed";
  readonly phase: ClosedPhase;
  readonly scripts: readonly Iterator<PlannedRequest>[];
  /** By user: the request that is due next. */
  readonly next: (PlannedRequest | undefined)[];
  /** No request is due after this. */
  readonly lastMs: Ms;
  busyUsers: number;
}

export class Clients {
  readonly #options: ClientsOptions;
  readonly #spans: PhaseSpan[] = [];
  #startMs: Ms = 0;
  #play: OpenPlay | ClosedPlay | undefined;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** Phases that have ended, in order. */
  get spans(): readonly PhaseSpan[] {
    return this.#spans;
  }

  /** Whether all phases have ended. */
  get done(): boolean {
    return this.#spans.length === this.#options.workload.phases.length;
  }

  /** Begins the first phase. */
  begin(): void {
    const phase = this.#options.workload.phases[this.#spans.length];
    if (phase === undefined) return;
    this.#startMs = this.#options.kernel.nowMs;
    this.#options.onPhaseStart(phase);
    switch (phase.kind) {
      case "open":
        return this.#beginOpen(phase);
      case "closed":
        return this.#beginClosed(phase);
      default:
        assertNever(phase);
    }
  }

  /** The next request of an open phase is due. */
  requestArrives(): void {
    const play = this.#play;
    invariant(play?.kind === "open" && play.next !== undefined, "arrivals belong to an open phase");
    const planned = play.next;
    play.inFlight += 1;
    this.#awaitArrival(play);
    this.#options.send(play.phase, nobody, planned);
  }

  /** An open phase has lasted as long as it must. */
  phaseMayEnd(): void {
    const play = this.#play;
    invariant(play?.kind === "open", "only an open phase waits for its time");
    play.over = true;
    if (play.inFlight === 0) this.#endPhase(play.phase);
  }

  /** The next request of a user is due. */
  userSends(user: number): void {
    const play = this.#play;
    invariant(play?.kind === "closed", "users belong to a closed phase");
    const planned = play.next[user];
    invariant(planned !== undefined, "a user who sends has something to send");
    this.#options.send(play.phase, user, planned);
  }

  /** The client of a request has its answer, or has left. */
  ended(journey: Journey): void {
    const play = this.#play;
    invariant(play?.phase.name === journey.phase, "a phase ends after its requests");
    if (play.kind === "closed") {
      this.#goOn(play, journey.user, this.#options.kernel.nowMs);
    } else {
      play.inFlight -= 1;
      if (play.over && play.inFlight === 0) this.#endPhase(play.phase);
    }
  }

  #beginOpen(phase: OpenPhase): void {
    const arrivals = phase.arrivals()[Symbol.iterator]();
    const play: OpenPlay = { kind: "open", phase, arrivals, next: undefined, inFlight: 0, over: false };
    this.#play = play;
    this.#awaitArrival(play);
  }

  #awaitArrival(play: OpenPlay): void {
    const { kernel } = this.#options;
    const next = play.arrivals.next();
    play.next = next.done === true ? undefined : next.value;
    if (play.next === undefined) {
      const endMs = Math.max(kernel.nowMs, this.#startMs + play.phase.durationMs);
      schedule(kernel, endMs, clientActs.phaseMayEnd, 0);
    } else {
      schedule(kernel, this.#startMs + play.next.atMs, clientActs.requestArrives, 0);
    }
  }

  #beginClosed(phase: ClosedPhase): void {
    const scripts = Array.from({ length: phase.users }, (_, user) => phase.script(user)[Symbol.iterator]());
    const lastMs = this.#startMs + (phase.durationMs ?? Number.POSITIVE_INFINITY);
    const play: ClosedPlay = { kind: "closed", phase, scripts, next: [], lastMs, busyUsers: phase.users };
    this.#play = play;
    if (phase.users === 0) this.#endPhase(phase);
    for (let user = 0; user < phase.users; user++) this.#goOn(play, user, undefined);
  }

  /** Plans the next request of a user: the first one when `answeredMs` is undefined. */
  #goOn(play: ClosedPlay, user: number, answeredMs: Ms | undefined): void {
    const next = play.scripts[user]?.next();
    if (next !== undefined && next.done !== true) {
      const dueMs =
        answeredMs === undefined ? this.#startMs + play.phase.startMs(user) : answeredMs + next.value.thinkMs;
      if (dueMs <= play.lastMs) {
        play.next[user] = next.value;
        schedule(this.#options.kernel, dueMs, clientActs.userSends, user);
        return;
      }
    }
    play.busyUsers -= 1;
    if (play.busyUsers === 0) this.#endPhase(play.phase);
  }

  #endPhase(phase: WorkloadPhase): void {
    const startMs = microseconds(this.#startMs);
    const endMs = microseconds(this.#options.kernel.nowMs);
    const span = { name: phase.name, startMs, endMs };
    const users = peopleOf(phase);
    this.#spans.push(users === undefined ? span : { ...span, users });
    this.#play = undefined;
    this.#options.onPhaseEnd(phase);
    this.begin();
  }
}
