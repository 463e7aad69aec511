/**
 * What is asked for, and by whom: drawing model, tokens and tenant of a request by the shares of a scenario.
 *
 * Every purpose draws from a stream of its own (`shape`, `tenant`, `input`, `output`, `leave`), so that naming tenants or
 * changing answer lengths leaves every other property of every request as it was.
 */
import { distribution, type Distribution } from "../../core/distributions.ts";
import { exp } from "../../core/elementary.ts";
import { invariant } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { RequestShape, Traffic } from "../../core/scenario/traffic-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { PlannedRequest } from "../workload.ts";

/** Draws the properties of one request after the other. */
export interface RequestDraws {
  readonly shape: () => RequestShape;
  readonly tenant: () => string;
  /** Tokens of a question: a whole number from 1 to `promptTokensMax`. */
  readonly inputTokens: (shape: RequestShape) => number;
  /** Tokens of the answer wished for: a whole number from 1 to `promptTokensMax`. */
  readonly outputTokens: (shape: RequestShape) => number;
  /** When the client leaves, counted from the instant at which it asked; undefined: it stays. */
  readonly leaveAfterMs: () => Ms | undefined;
}

/** No prompt and no answer is longer: a bound for long tails, ten times the largest context windows of late 2026. */
export const promptTokensMax = 10_000_000;

/** Prepares the scenario's distributions once; each stream then gives draws of its own. */
export function requestMix(traffic: Traffic): (random: RandomStream) => RequestDraws {
  const lengths = new Map(
    traffic.requests.map((shape) => [shape, { input: distribution(shape.input), output: distribution(shape.output) }]),
  );
  const lengthsOf = (shape: RequestShape): { readonly input: Distribution; readonly output: Distribution } => {
    const found = lengths.get(shape);
    invariant(found !== undefined, "a drawn shape is one of the traffic's own");
    return found;
  };
  const leaving = leavingOf(traffic);
  return (random) => {
    const shapes = random.split("shape");
    const tenants = random.split("tenant");
    const inputs = random.split("input");
    const outputs = random.split("output");
    const leaves = random.split("leave");
    const ofShapes = (): number => shapes.uniform();
    const ofTenants = (): number => tenants.uniform();
    return {
      shape: () => byShare(traffic.requests, ofShapes),
      tenant: () => byShare(traffic.tenants, ofTenants).name,
      inputTokens: (shape) => wholeTokens(lengthsOf(shape).input.draw(inputs)),
      outputTokens: (shape) => wholeTokens(lengthsOf(shape).output.draw(outputs)),
      leaveAfterMs: () => leaving?.(leaves),
    };
  };
}

/** A request that is no part of a conversation. */
export function singleRequest(draws: RequestDraws, key: string, atMs: Ms): PlannedRequest {
  const shape = draws.shape();
  return plannedSingle(shape, key, {
    tenant: draws.tenant(),
    inputTokens: grownTokens(shape, draws.inputTokens(shape), atMs),
    outputTokens: draws.outputTokens(shape),
    leaveAfterMs: draws.leaveAfterMs(),
    atMs,
  });
}

/** Prompts that have grown since the load began. */
export function grownTokens({ growthPerMs }: RequestShape, tokens: number, atMs: Ms): number {
  return growthPerMs === undefined ? tokens : wholeTokens(tokens * exp(growthPerMs * atMs));
}

export interface SingleRequestFacts {
  readonly tenant: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly leaveAfterMs: Ms | undefined;
  readonly atMs: Ms;
}

/** A request of the given shape whose lengths are already known. */
export function plannedSingle(shape: RequestShape, key: string, facts: SingleRequestFacts): PlannedRequest {
  return {
    key,
    tenant: facts.tenant,
    session: key,
    turn: 0,
    model: shape.model,
    stream: shape.stream,
    inputTokens: facts.inputTokens,
    cachedTokens: cachedTokensOf(shape, facts.inputTokens),
    outputTokens: facts.outputTokens,
    maxOutputTokens: maxOutputTokensOf(shape, facts.outputTokens),
    leaveAfterMs: facts.leaveAfterMs,
    atMs: facts.atMs,
    thinkMs: 0,
  };
}

/**
 * Draws whether and when a client leaves; always the same number of draws, so that a larger share keeps who left before. Undefined:
 * nobody leaves, and no stream is needed.
 */
export function leavingOf(traffic: Traffic): ((random: RandomStream) => Ms | undefined) | undefined {
  const { leave } = traffic.client;
  if (leave === undefined) return undefined;
  const after = distribution(leave.after);
  return (random) => {
    const leaves = random.uniform() < leave.share;
    const afterMs = Math.max(0, after.draw(random));
    return leaves ? afterMs : undefined;
  };
}

export function cachedTokensOf(shape: RequestShape, inputTokens: number): number {
  return Math.floor(shape.cachedShare * inputTokens);
}

export function maxOutputTokensOf(shape: RequestShape, outputTokens: number): number | undefined {
  return shape.maxTokens === "output" ? outputTokens : shape.maxTokens;
}

/** Picks by share; a single item is no choice and costs no draw. Shares that add up to 99.9 % are taken as the whole. */
export function byShare<T extends { readonly share: number }>(items: readonly T[], uniform: () => number): T {
  const last = items.at(-1);
  invariant(last !== undefined, "there is something to pick from");
  if (items.length === 1) return last;
  let rest = uniform() * items.reduce((sum, item) => sum + item.share, 0);
  for (const item of items) {
    if (rest < item.share) return item;
    rest -= item.share;
  }
  return last;
}

/** Token counts are whole and at least one; rounding keeps the mean of any distribution that stays well above one. */
function wholeTokens(drawn: number): number {
  return Math.min(promptTokensMax, Math.max(1, Math.round(drawn)));
}
