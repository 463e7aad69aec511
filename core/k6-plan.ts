/**
 * What Squall and its programs for k6 say to each other: the plan that goes in, and the lines that come out.
 *
 * A plan is a folder: `plan.json`, and for each phase `PHASE.ndjson` with one row per line. Prompts are cut from one text
 * (`text-cut.ts`), so that a plan stays small however long the prompts are. All times are scenario time unless said otherwise.
 */
import type { PhaseName, RequestRecord } from "./record.ts";
import type { Ms } from "./time.ts";

export const k6PlanVersion = "1";

/** Every line that is for Squall begins with this; whatever else k6 prints is for people. */
export const k6LineMark = "squall ";

/** Between the word that a phase may begin and its start, wall milliseconds: who is due at once shall not be late already. */
export const k6LeadMs: Ms = 100;

export interface K6Plan {
  readonly version: string;
  readonly scenario: string;
  /** Scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
  /** A client gives up on a try after so long. */
  readonly timeoutMs: Ms;
  /** How a client's library waits before it tries again; absent where it never does. The waits of each request are in its row. */
  readonly retries?: {
    readonly honourRetryAfter: boolean;
    /** A server that asks for this much or more is not obeyed. */
    readonly retryAfterMaxMs: Ms;
  };
  /** Where requests go, by model. Empty in a plan for any target: then `SQUALL_TARGET` says it. */
  readonly calls: Readonly<Record<string, K6Call>>;
  readonly phases: readonly K6Phase[];
  /** Objectives that k6 can check by itself, as its thresholds. */
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
  /** The text that prompts are cut from. */
  readonly corpus: string;
}

export interface K6Call {
  /** Absolute URL of the chat completions endpoint. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the target calls the model; its own name unless given. */
  readonly model?: string;
  /** Header that is to name the conversation; none is sent unless given. */
  readonly sessionHeader?: string;
  /** Header that is to name the tenant, percent-encoded; none is sent unless given. */
  readonly tenantHeader?: string;
}

export interface K6Phase {
  readonly name: PhaseName;
  readonly kind: "open" | "closed";
  /** Requests of an open phase, users of a closed one. */
  readonly rows: number;
  /** Virtual users of k6: how many requests may be in flight at once. In a closed phase the users themselves. */
  readonly vus: number;
  /** Closed phase: no request is sent after this; null: until the scripts end. Open phase: it lasts at least this long. */
  readonly durationMs: Ms | null;
}

/** Line of an open phase, and of a script in a closed one. */
export interface K6Request {
  readonly key: string;
  readonly tenant: string;
  /** Conversation it belongs to; absent where that is its own key. */
  readonly session?: string;
  readonly model: string;
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly maxOutputTokens?: number;
  readonly leaveAfterMs?: Ms;
  /** Open phase: when to send it, from the start of the phase. */
  readonly atMs: Ms;
  /** Closed phase: pause before it, after the previous answer. */
  readonly thinkMs: Ms;
  /** Head of the first message (`behavior/marker.ts`). */
  readonly marker: string;
  /** Messages as cuts of the corpus, position and length; users and assistant take turns. */
  readonly messages: readonly (readonly [number, number])[];
  /** Waits before the second, third, ... try of the client's library. */
  readonly waitsMs?: readonly Ms[];
}

/**
 * One of the first lines of a closed phase, as many as there are users: where in the file the user's script stands. Its lines
 * are requests, read one by one, so that a long script costs no time before it begins.
 */
export interface K6User {
  /** When the first request is due, from the start of the phase. */
  readonly startMs: Ms;
  /** First line of the script, counted from 0, and the one behind its last. */
  readonly from: number;
  readonly to: number;
  /** False: the user would have gone on; the plan was cut where it grew too large. */
  readonly whole: boolean;
}

/** What k6 can see of a request. What only the providers know, and gaps within a stream, are not in it. */
export type K6Record = Pick<RequestRecord, (typeof k6RecordFields)[number] | "firstTokenMs" | "clientTries">;

/** Fields that every line has as a string, a number or a boolean. */
export const k6RecordFields = [
  "key",
  "phase",
  "tenant",
  "model",
  "stream",
  "intendedMs",
  "sentMs",
  "endMs",
  "status",
  "outcome",
  "reason",
  "inputTokens",
  "cachedTokens",
  "outputTokens",
  "chunks",
] as const;

/** What an instance of k6 says while it plays a phase. Instants count from the start of the phase. */
export type K6Line =
  /** A request leaves. */
  | { readonly kind: "begin"; readonly record: K6Record }
  /** It has ended; `begin` with the same key came before. */
  | { readonly kind: "end"; readonly record: K6Record }
  /** A user of a closed phase came to the end of a script that was cut. */
  | { readonly kind: "script-cut"; readonly user: number }
  /** The phase is over, and was played to its end. */
  | { readonly kind: "over"; readonly phase: PhaseName };
