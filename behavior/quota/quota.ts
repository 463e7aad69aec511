/**
 * Quota: who may call what, how often.
 *
 * Every provider counts differently, so an algorithm is one sibling file (`openai.ts`) and this is what they share. A
 * limiter answers for one key and one model; limiters of keys in one organization share the state below them.
 */
import type { ModelSpec } from "../../core/scenario/provider-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { Capacity, LimitDimension, LimitScope, ProviderAsk, QuotaSnapshot, Refusal, Usage } from "../provider.ts";

/** A published limit: at most `amount` per `perMs`. A key limited to 3 requests in 5 s: amount 3, perMs 5,000. */
export interface Limit {
  readonly dimension: LimitDimension;
  readonly amount: number;
  readonly perMs: Ms;
  /** As the provider words it: `requests per min (RPM)`. */
  readonly label: string;
  /** Whose it is, where it is not the organization's for one family of models. */
  readonly scope?: LimitScope;
}

/** An API key and what stands behind it. */
export interface Account {
  readonly apiKey: string;
  /** Bedrock: what requests are signed with, `apiKey` then being the access key id. The key itself unless given. */
  readonly secretKey?: string;
  readonly organization: string;
  readonly project?: string;
  readonly state: "active" | "insufficient-quota";
  /** Limits of this key for all models together, in place of the models' own. */
  readonly limits?: readonly Limit[];
  /** Limits of the organization for all models together, on top of the models' own. Equal for all of its accounts. */
  readonly organizationLimits?: readonly Limit[];
  /** Limits of the project, per model, on top of the organization's. Equal for all accounts of a project. */
  readonly projectLimits?: readonly Limit[];
  /** Limits of the project for all models together, likewise. */
  readonly projectTotalLimits?: readonly Limit[];
  /** Limits of this key for all models together, on top of all others. */
  readonly keyLimits?: readonly Limit[];
}

export type { LimitScope } from "../provider.ts";

/** What a limiter looks at. */
export type QuotaAsk = Pick<
  ProviderAsk,
  "inputTokens" | "cachedTokens" | "promptCharacters" | "maxOutputTokens" | "capacity"
>;

export type QuotaRefusal = Extract<Refusal, { readonly kind: "rate-limit" | "request-too-large" }>;

export type Admission =
  | {
      readonly kind: "admitted";
      /** Tokens taken from the limits, to be handed back to `settle`. */
      readonly chargedTokens: number;
      /** Share of the token limit per minute that others had in use when this call came, 0..1; 0 without such a limit. */
      readonly utilization: number;
      /** Which capacity it takes, where a provider sells both. */
      readonly capacity?: Capacity;
    }
  | { readonly kind: "refused"; readonly refusal: QuotaRefusal };

/** When an admitted call produces its answer, as planned. One object per call. */
export interface AnswerCourse {
  readonly ask: QuotaAsk;
  readonly firstTokenMs: Ms;
  readonly lastTokenMs: Ms;
  readonly outputTokens: number;
}

export interface Limiter {
  /** Decides one call and charges it. Time never goes backwards: a smaller `nowMs` than before is our bug. */
  readonly admit: (nowMs: Ms, ask: QuotaAsk) => Admission;
  /** Told right after the admission, by whoever knows the plan, where tokens are charged while they are generated. */
  readonly answering?: (nowMs: Ms, course: AnswerCourse) => void;
  /** Corrects the charge when the call has ended; nothing to do where charges are final. `course`: the one told before. */
  readonly settle: (nowMs: Ms, chargedTokens: number, ask: QuotaAsk, usage: Usage, course?: AnswerCourse) => void;
  readonly snapshot: (nowMs: Ms) => QuotaSnapshot;
  /** Multiplies published limits from now on, 1: as published. What is in use stays in use; purchased capacity stays whole. */
  readonly scale: (nowMs: Ms, factor: number) => void;
  /** Published limits, scaled to a minute; undefined: unlimited. */
  readonly perMinute: { readonly requests: number | undefined; readonly tokens: number | undefined };
}

/** Finds the limiter of a key and a model. Called once per pair, never per call. */
export type Quota = (account: Account, model: ModelSpec) => Limiter;
