/** Who answers, within which limits, and how fast: the `providers` section of a scenario, complete. */
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";
import type { AccountSpec } from "./account-spec.ts";
import type { LatencyChoice } from "./latency-spec.ts";
import type { Billing, PriceSpec } from "./price-spec.ts";

export interface ProviderSpec {
  readonly name: string;
  readonly dialect: Dialect;
  readonly models: readonly ModelSpec[];
  /** `requests` and `tokens` limits are enforced in slices of this length; 0: as the provider does, mostly not at all. */
  readonly sliceMs: Ms;
  /**
   * How a limit on output tokens counts an answer: as it is generated (unless given), or its `max_tokens` from admission on,
   * corrected at its end. Only Anthropic's limits know the difference.
   */
  readonly outputCharging?: "generated" | "reserved";
  /** Vertex AI: when pay-as-you-go has no capacity, whoever asks; without it: never. */
  readonly sharedPool?: SharedPoolSpec;
  /** Time since midnight in California when the scenario starts, which Google's limits per day and `daily` latencies go by; 0 unless given. */
  readonly startTimeOfDayMs?: Ms;
  /** Keys that it knows; a run sends with the first. One without limits of its own unless given. */
  readonly keys?: readonly AccountSpec[];
  /** OpenAI, Azure OpenAI, Anthropic: growth that is too fast is refused; without it: never. */
  readonly acceleration?: AccelerationSpec;
  /** Published tier that limits were taken from; its numbers are in the models. */
  readonly tier?: TierChoice;
  /**
   * Whether a planned request's cached tokens are taken as they are (unless given), by what the provider's cache can hold, or by
   * that and what it has really been sent of the conversation.
   */
  readonly promptCache?: "by-rules" | "kept";
  /** What its calls are billed as; at the standard price unless given. */
  readonly billing?: Billing;
  /** Self-hosted: nodes that it runs on, paid by the hour instead of by the token. */
  readonly nodes?: NodesSpec;
  /** Where it is; unknown unless given. */
  readonly region?: string;
}

export interface NodesSpec {
  readonly count: number;
  /** As its cloud calls it: `p5.48xlarge`. */
  readonly type?: string;
  /** Of one node; the list price of its type unless given. */
  readonly hourly?: NanoDollars;
}

/** How much faster traffic may get, and when that begins to matter. */
export interface AccelerationSpec {
  /** 0.5: half as much again as before. */
  readonly growth: number;
  readonly withinMs: Ms;
  /** Below it any growth will do. */
  readonly fromTokensPerMinute: number;
}

/** A tier, and how fast the models answer that the provider does not name but the scenario asks for. */
export interface TierChoice extends Pick<ModelSpec, "latencyProfile" | "latencyScale" | "latency"> {
  readonly name: string;
}

export type Dialect = "openai" | "azure-openai" | "anthropic" | "bedrock" | "gemini" | "vertex";

/** Capacity that all customers of a provider share: short for a while, every now and then. Both times are averages. */
export interface SharedPoolSpec {
  /** From the beginning of one shortage to that of the next; more than `shortForMs`. */
  readonly shortEveryMs: Ms;
  readonly shortForMs: Ms;
}

export interface ModelSpec {
  readonly model: string;
  /** Per minute and per day; undefined: unlimited. */
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly requestsPerDay: number | undefined;
  readonly tokensPerDay: number | undefined;
  /** Azure OpenAI: where requests are limited per 10 seconds; undefined or left out: not so limited. */
  readonly requestsPer10Seconds?: number | undefined;
  /** For providers that limit input and output apart; undefined or left out: unlimited. */
  readonly inputTokensPerMinute?: number | undefined;
  readonly outputTokensPerMinute?: number | undefined;
  /** Models of one family share one set of limits, those of the first listed. Its own family unless given. */
  readonly limitFamily?: string;
  /** Long prompts have limits of their own (Anthropic, and OpenAI for gpt-4.1); left out: they share those above. */
  readonly longContext?: LongContextSpec;
  /**
   * Azure OpenAI: PTUs of a provisioned deployment, in place of its other limits. A standard one unless given. Vertex AI:
   * scale units of Provisioned Throughput, used before its other limits.
   */
  readonly provisionedUnits?: number;
  /** Of one such unit, for an hour; the published price unless given. */
  readonly unitHourly?: NanoDollars;
  /** What its tokens cost; by the price list unless given. */
  readonly price?: PriceSpec;
  /** Name of a latency profile (`behavior/latency/profiles.ts`). */
  readonly latencyProfile: string;
  /** Multiplies every planned time; 0 answers at once. */
  readonly latencyScale: number;
  /** More about its latency, where more is said. */
  readonly latency?: LatencyChoice;
}

/** Limits of calls whose prompt is longer than `aboveTokens`; they count against nothing else. */
export interface LongContextSpec extends Partial<
  Pick<ModelSpec, "requestsPerMinute" | "tokensPerMinute" | "inputTokensPerMinute" | "outputTokensPerMinute">
> {
  readonly aboveTokens: number;
}
