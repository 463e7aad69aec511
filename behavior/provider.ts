/**
 * A provider as pure behavior: admit ▸ fault ▸ latency ▸ price. The mock server plays it on wall time, the simulator on
 * virtual time; neither knows anything the other does not.
 *
 * The provider never reads a clock and never schedules: it is told `nowMs` and answers with what will happen and when.
 */
import type { NanoDollars } from "../core/money.ts";
import type { ProviderLedger } from "../core/run.ts";
import type { ConnectionFailure } from "../core/scenario/fault-spec.ts";
import type { Dialect } from "../core/scenario/provider-spec.ts";
import type { Ms } from "../core/time.ts";

/** What reaches a provider. */
export interface ProviderAsk {
  /** API key as sent; decides the account and its quota. */
  readonly apiKey: string;
  /** Names the random streams of this call: the request's key, or an id made up for a foreign request. */
  readonly requestKey: string;
  /** 1 for the first call on behalf of that request, 2 for its first retry, ... */
  readonly attempt: number;
  readonly model: string;
  /** Prompt tokens, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  /** Names of the prompt's blocks from its beginning, equal where prefixes are, for engines that cache them (simulated only). */
  readonly prefixBlocks?: readonly number[] | undefined;
  /** Of the others, those written to the provider's prompt cache, where that has a price of its own; none unless given. */
  readonly cacheWrites?: CacheWrites | undefined;
  /** Characters of prompt text, which is what OpenAI's limiter estimates from. */
  readonly promptCharacters: number;
  /** `max_tokens` as sent. */
  readonly maxOutputTokens: number | undefined;
  /** Answer length the mock would give if nothing caps it. */
  readonly outputTokens: number;
  /** Of those, tokens that are thought before the rest is said, where they may have a price of their own; none unless given. */
  readonly reasoningTokens?: number | undefined;
  readonly stream: boolean;
  /** Region that the call comes from, where a platform stands in several. */
  readonly origin?: string;
  /** Where a provider sells both: the only capacity that this call may take; undefined: purchased first. */
  readonly capacity?: Capacity | undefined;
  /** Nobody reads the state of the limits with the answer, so it need not be worked out. */
  readonly withoutQuota?: boolean;
}

/** Purchased in advance, or paid as it is used. */
export type Capacity = "provisioned" | "on-demand";

/** Prompt tokens written to a cache, to be kept for minutes or for an hour. */
export interface CacheWrites {
  readonly short: number;
  readonly long: number;
}

/** State of the limits that apply to a key and model, for headers. `remaining` never exceeds `limit` nor falls below 0. */
export interface QuotaSnapshot {
  readonly requests: LimitState | undefined;
  /** Input and output together, where a provider counts or shows them so. */
  readonly tokens: LimitState | undefined;
  /** Of a project's own, where headers speak of it apart. */
  readonly projectTokens?: LimitState | undefined;
  /** Only where a provider limits input and output apart. */
  readonly inputTokens?: LimitState | undefined;
  readonly outputTokens?: LimitState | undefined;
  /** Share of purchased capacity in use, a little above 1 at most; only where headers speak of it. */
  readonly utilization?: number;
}

/** What a limit counts. */
export type LimitDimension = "requests" | "tokens" | "inputTokens" | "outputTokens";

/** Who shares a limit: everybody in an organization, in one of its projects, or with one key. */
export type LimitScope = "organization" | "project" | "key";

export interface LimitState {
  /** As published; where several limits hold, the one that the provider's headers speak of. */
  readonly limit: number;
  /** Whole, rounded down. */
  readonly remaining: number;
  /** Time until the limit is whole again if nothing else is used, in whole milliseconds, rounded up. */
  readonly resetMs: Ms;
}

/** Why a call is not served; the dialect turns it into its own status, body and headers. */
export type Refusal =
  | {
      readonly kind: "rate-limit";
      readonly dimension: LimitDimension;
      /** Which published limit: `requests per min (RPM)`, `tokens per day (TPD)`, ... */
      readonly label: string;
      readonly limit: number;
      readonly used: number;
      readonly requested: number;
      /** Retrying after this long is admitted if nothing else intervenes; whole milliseconds, rounded up. */
      readonly retryAfterMs: Ms;
      /** Whose limit it is; absent: the organization's for this family of models. */
      readonly scope?: LimitScope;
    }
  | {
      readonly kind: "request-too-large";
      readonly label: string;
      readonly limit: number;
      readonly requested: number;
      readonly scope?: LimitScope;
    }
  | { readonly kind: "insufficient-quota" }
  | { readonly kind: "unknown-key" }
  | { readonly kind: "unknown-model" }
  | { readonly kind: "context-length"; readonly limit: number; readonly requested: number }
  /** A content filter objects to what it says. */
  | { readonly kind: "blocked-prompt" }
  /** A fault answers with this status. */
  | { readonly kind: "fault"; readonly status: number; readonly retryAfterMs: Ms | undefined };

/** How far apart the events of an answer are. True as well of a plan that comes later, or whose events lie further apart alike. */
export interface EventGaps {
  /** No gap is narrower. */
  readonly gapMinMs: Ms;
  /** Of the events `from` to `to`, 1 <= from <= to, the one that comes longest after the one before it. */
  readonly widest: (from: number, to: number) => number;
  /** Event `index` does not come before that, counted from admission; cheaper than to ask when it does. */
  readonly earliestMs: (index: number) => Ms;
}

/** When each part of the answer is due, counted from admission. It may be an object with methods (`changed-plan.ts`). */
export interface ResponsePlan {
  /** Queue + prefill + tail: the first content event. */
  readonly ttftMs: Ms;
  /** Content events of the stream, at least 1 when outputTokens > 0. */
  readonly chunks: number;
  /** Due time of content event `index`, 0-based, from admission; non-decreasing; `chunkAtMs(0) === ttftMs`. O(1). */
  readonly chunkAtMs: (index: number) => Ms;
  /** For whoever has many events to pass on and needs to know no more of them; absent where times depend on calls to come. */
  readonly gaps?: EventGaps;
  /** Whole answer done: the last content event. */
  readonly totalMs: Ms;
  /**
   * Present where times depend on calls still to come (continuous batching): those above are then no more than bounds, before
   * which nothing is there. Whoever waits for event `index` asks here when its time has come, `elapsedMs` after admission: it is
   * there if the answer is not later, otherwise it does not come before that. From then on `chunkAtMs` knows all events there are.
   */
  readonly notBeforeMs?: (index: number, elapsedMs: Ms) => Ms;
  /** Prompt tokens that an engine found in its prefix cache, in place of those of the ask; known with the first event. */
  readonly foundTokens?: () => number;
  /** The provider's own: tells an engine that the call has ended. */
  readonly leave?: (nowMs: Ms) => void;
  readonly outputTokens: number;
  /** Which capacity it takes, where a provider sells both. */
  readonly capacity?: Capacity | undefined;
  /** Why it ends: by itself, at a limit on its length, or for what it says. */
  readonly finish: "stop" | "length" | "content_filter";
  /** A fault breaks it off; never so for `truncate` and `error-event` when the answer comes in one piece. */
  readonly broken?: BrokenAnswer | undefined;
  /** What the answer says it used is so many times what it did; 1 unless given. */
  readonly usageFactor?: number;
  /** It is empty because a content filter objects to the prompt; never so unless given. */
  readonly promptBlocked?: boolean;
}

/** Where and how an answer breaks off. */
export type BrokenAnswer = {
  /** Content events before it, 0 to all. */
  readonly afterChunks: number;
} & (
  | {
      /**
       * `cut`: the connection closes. `stall`: nothing comes any more. `truncate`: it ends in order, without its last events.
       * `malformed`: what comes next cannot be parsed, and then it ends.
       */
      readonly how: "cut" | "stall" | "truncate" | "malformed";
    }
  /** The error that this status would carry. */
  | { readonly how: "error-event"; readonly status: number }
);

export type ProviderDecision =
  | { readonly kind: "serve"; readonly ticket: Ticket; readonly plan: ResponsePlan; readonly quota: QuotaSnapshot }
  | { readonly kind: "refuse"; readonly refusal: Refusal; readonly quota: QuotaSnapshot; readonly afterMs: Ms }
  /** There is no connection: nothing is answered. `afterMs`: when the client learns of it; never when it hangs. */
  | { readonly kind: "drop"; readonly how: ConnectionFailure; readonly afterMs: Ms };

/** A served call until it is finished. Opaque to callers. */
export interface Ticket {
  readonly id: number;
}

/** What a call really used, told when it ends. */
export interface Usage {
  /** Output tokens that were generated (a client that leaves stops generation). */
  readonly outputTokens: number;
  /** Of those, tokens that were generated for a client that had left or after its stream broke. */
  readonly wastedTokens: number;
  readonly completed: boolean;
}

export interface Provider {
  readonly name: string;
  readonly dialect: Dialect;
  /** Decides one call. Counts it in the ledger. */
  readonly begin: (nowMs: Ms, ask: ProviderAsk) => ProviderDecision;
  /** Settles a served call; returns what it costs. Each ticket exactly once. */
  readonly finish: (nowMs: Ms, ticket: Ticket, usage: Usage) => NanoDollars;
  /** Limits as a key sees them now. */
  readonly snapshot: (nowMs: Ms, apiKey: string, model: string) => QuotaSnapshot;
  /** Calls begun and not finished. */
  readonly inFlight: () => number;
  readonly ledger: (nowMs: Ms) => ProviderLedger;
}
