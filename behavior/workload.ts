/**
 * A workload: what is asked for, by whom, and when. One implementation serves the simulator and every load engine, so that
 * both send the very same requests.
 *
 * A workload is a list of phases played one after the other. An open phase sends on its own instants, whatever comes
 * back; in a closed phase each user sends the next request after the previous answer and a pause for thought.
 */
import type { PhaseName } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import type { ClientHabits } from "./routing/next-try.ts";

/** One request, decided before it is sent. */
export interface PlannedRequest {
  /** Same key, same request: across phases, engines and clocks (common random numbers). */
  readonly key: string;
  readonly tenant: string;
  /** Conversation it belongs to, for affinity; equal to `key` for single requests. */
  readonly session: string;
  /** 0-based turn within the session. */
  readonly turn: number;
  readonly model: string;
  readonly stream: boolean;
  /** Prompt tokens in all, history included. */
  readonly inputTokens: number;
  /** Tokens of the messages before this turn's question, part of `inputTokens`: question, answer, ... 2 * turn numbers. */
  readonly historyTokens?: readonly number[];
  /** Prompt tokens that repeat a prefix the provider may have cached. */
  readonly cachedTokens: number;
  /** Names of its prompt's blocks from the beginning, where a trace has them: equal names are equal prefixes. */
  readonly prefixBlocks?: readonly number[];
  /** Answer length that the workload wishes for; the mock obeys it through the marker. */
  readonly outputTokens: number;
  /** `max_tokens` as sent, undefined when not sent. */
  readonly maxOutputTokens: number | undefined;
  /** Its client leaves on purpose this long after it was due, unless the answer is whole by then; it stays unless given. */
  readonly leaveAfterMs?: Ms | undefined;
  /** Open phase: when to send, from the start of the phase. Closed phase: 0. */
  readonly atMs: Ms;
  /** Closed phase: pause before this request, after the previous answer. Open phase: 0. */
  readonly thinkMs: Ms;
}

/** Key of one turn of a conversation: `u3.s0.t2`. */
export function turnKey(session: string, turn: number): string {
  return `${session}.t${turn}`;
}

export interface OpenPhase {
  readonly kind: "open";
  readonly name: PhaseName;
  /** Requests in order of `atMs`. Each call starts the same sequence anew. */
  readonly arrivals: () => Iterable<PlannedRequest>;
  /** The phase lasts at least this long, even when no more requests come. */
  readonly durationMs: Ms;
}

export interface ClosedPhase {
  readonly kind: "closed";
  readonly name: PhaseName;
  readonly users: number;
  /** Everything that user does in this phase, in order. Each call starts the same sequence anew. */
  readonly script: (user: number) => Iterable<PlannedRequest>;
  /** When the user's first request is due, from the start of the phase (ramp-up). */
  readonly startMs: (user: number) => Ms;
  /** No request is sent after this; undefined: until the scripts end. */
  readonly durationMs: Ms | undefined;
  /** Its users come one after the other and go when they are done: chains of calls, not people who are there all the time. */
  readonly comeAndGo?: true;
}

export type WorkloadPhase = OpenPhase | ClosedPhase;

/** How many people there are at the same time, in a phase that is made of people. */
export function peopleOf(phase: WorkloadPhase): number | undefined {
  return phase.kind === "closed" && phase.comeAndGo !== true ? phase.users : undefined;
}

export interface Workload {
  readonly phases: readonly WorkloadPhase[];
  readonly client: ClientHabits & {
    /** A client gives up on a try after so long. */
    readonly timeoutMs: Ms;
  };
}
