/**
 * What Vertex AI's limiter does with purchased throughput, call by call. Plain data. One scale unit of gemini-2.5-flash is
 * 2,690 tokens a second, 80,700 in a window of 30 s; a prompt token counts 1 there, one of an answer 9.
 */
import type { Capacity } from "../../../behavior/provider.ts";
import { account, model } from "./gemini-cases.ts";
import type { Account } from "../../../behavior/quota/quota.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";

export interface ProvisionedCase {
  /** A sentence that says what the case shows. */
  readonly why: string;
  readonly model: ModelSpec;
  readonly accounts: readonly Account[];
  readonly steps: readonly Step[];
}

export type Step =
  | {
      readonly step: "call";
      readonly atMs: number;
      /** `key` unless given. */
      readonly apiKey?: string;
      readonly inputTokens: number;
      readonly cachedTokens?: number;
      readonly maxTokens?: number;
      /** What the request insists on. */
      readonly capacity?: Capacity;
      readonly expect:
        | { readonly served: Capacity; readonly chargedTokens?: number }
        | { readonly refused: "rate-limit"; readonly used: number; readonly retryAfterMs: number }
        | { readonly refused: "request-too-large"; readonly limit: number };
    }
  /** The call made last on purchased throughput ends. */
  | { readonly step: "end"; readonly atMs: number; readonly outputTokens: number }
  | { readonly step: "remaining"; readonly atMs: number; readonly tokens: number; readonly resetMs: number };

/** Of one scale unit in one window. */
const unit = 80_700;

const provisioned = { served: "provisioned" } as const;
const onDemand = { served: "on-demand" } as const;

export const provisionedCases: readonly ProvisionedCase[] = [
  provisionedCase("a prompt is charged at admission, and its answer by what is allowed", [
    { step: "call", atMs: 0, inputTokens: 1_000, maxTokens: 100, expect: { ...provisioned, chargedTokens: 1_900 } },
    { step: "remaining", atMs: 0, tokens: unit - 1_900, resetMs: 30_000 },
  ]),
  provisionedCase("without a bound on the answer only the prompt is charged at first", [
    { step: "call", atMs: 0, inputTokens: 1_000, expect: { ...provisioned, chargedTokens: 1_000 } },
  ]),
  provisionedCase("an answer shorter than allowed gives back the difference at its end", [
    { step: "call", atMs: 0, inputTokens: 1_000, maxTokens: 1_000, expect: provisioned },
    { step: "end", atMs: 2_000, outputTokens: 10 },
    { step: "remaining", atMs: 2_000, tokens: unit - 1_090, resetMs: 28_000 },
  ]),
  provisionedCase("an answer longer than estimated takes the difference at its end", [
    { step: "call", atMs: 0, inputTokens: 1_000, expect: provisioned },
    { step: "end", atMs: 2_000, outputTokens: 500 },
    { step: "remaining", atMs: 2_000, tokens: unit - 5_500, resetMs: 28_000 },
  ]),
  provisionedCase("what does not fit spills to pay-as-you-go", [
    { step: "call", atMs: 0, inputTokens: 80_000, expect: provisioned },
    { step: "call", atMs: 1_000, inputTokens: 1_000, expect: onDemand },
    { step: "call", atMs: 1_000, inputTokens: 700, expect: provisioned },
    { step: "remaining", atMs: 1_000, tokens: 0, resetMs: 29_000 },
  ]),
  provisionedCase("spilled calls leave purchased throughput alone, also at their end", [
    { step: "call", atMs: 0, inputTokens: 80_000, expect: provisioned },
    { step: "call", atMs: 0, inputTokens: 5_000, expect: { ...onDemand, chargedTokens: 0 } },
    { step: "remaining", atMs: 0, tokens: 700, resetMs: 30_000 },
  ]),
  provisionedCase("a new window begins with the clock, not with a call", [
    { step: "call", atMs: 29_000, inputTokens: 80_700, expect: provisioned },
    { step: "call", atMs: 29_999, inputTokens: 1, expect: onDemand },
    { step: "call", atMs: 30_000, inputTokens: 80_700, expect: provisioned },
  ]),
  provisionedCase("a call that insists on purchased throughput is refused when it is used up", [
    { step: "call", atMs: 10_000, inputTokens: 80_000, expect: provisioned },
    {
      step: "call",
      atMs: 10_000,
      inputTokens: 1_000,
      capacity: "provisioned",
      expect: { refused: "rate-limit", used: 80_000, retryAfterMs: 20_000 },
    },
    { step: "call", atMs: 30_000, inputTokens: 1_000, capacity: "provisioned", expect: provisioned },
  ]),
  provisionedCase("a call that is larger than a whole window never passes as purchased", [
    { step: "call", atMs: 0, inputTokens: 80_701, expect: onDemand },
    {
      step: "call",
      atMs: 0,
      inputTokens: 80_701,
      capacity: "provisioned",
      expect: { refused: "request-too-large", limit: unit },
    },
  ]),
  provisionedCase("a call may leave purchased throughput alone", [
    { step: "call", atMs: 0, inputTokens: 1_000, capacity: "on-demand", expect: onDemand },
    { step: "remaining", atMs: 0, tokens: unit, resetMs: 0 },
  ]),
  {
    ...provisionedCase("twice the units are twice the tokens", [
      { step: "call", atMs: 0, inputTokens: 2 * unit, expect: provisioned },
      { step: "call", atMs: 0, inputTokens: 1, expect: onDemand },
    ]),
    model: model("gemini-2.5-flash", { provisionedUnits: 2 }),
  },
  {
    ...provisionedCase("cached tokens count a tenth where the model says so", [
      {
        step: "call",
        atMs: 0,
        inputTokens: 1_000,
        cachedTokens: 900,
        expect: { ...provisioned, chargedTokens: 190 },
      },
    ]),
    model: model("gemini-3.6-flash", { provisionedUnits: 1 }),
  },
  {
    ...provisionedCase("a long prompt counts double", [
      { step: "call", atMs: 0, inputTokens: 200_000, expect: { ...provisioned, chargedTokens: 200_000 } },
      {
        step: "call",
        atMs: 0,
        inputTokens: 200_001,
        maxTokens: 10,
        expect: { ...provisioned, chargedTokens: 400_122 },
      },
    ]),
    model: model("gemini-2.5-pro", { provisionedUnits: 100 }),
  },
  {
    ...provisionedCase("keys of one project share what it purchased, other projects have none of it", [
      { step: "call", atMs: 0, apiKey: "key", inputTokens: 80_000, expect: provisioned },
      { step: "call", atMs: 0, apiKey: "colleague", inputTokens: 80_000, expect: onDemand },
      { step: "call", atMs: 0, apiKey: "neighbour", inputTokens: 80_000, expect: provisioned },
    ]),
    accounts: [
      account("key", { project: "p" }),
      account("colleague", { project: "p" }),
      account("neighbour", { project: "q" }),
    ],
  },
];

function provisionedCase(why: string, steps: readonly Step[]): ProvisionedCase {
  return { why, model: model("gemini-2.5-flash", { provisionedUnits: 1 }), accounts: [account("key")], steps };
}
