/**
 * What a scenario asks of a gateway that this gateway does not do: a simulation plays it all the same, a live run goes without.
 *
 * Portkey 1.15.2, from its source and measured (build/start-server.js): a time limit for each call, and retries and fallback
 * by status; no `retry-after` as published, no jitter, no second calls, breakers, limits or budgets, and a cache that its
 * npm build leaves off. Shares of providers are dealt out before it (`cli/live/dealing.ts`). LiteLLM 1.102.4 and TensorZero
 * 2026.6.0, by their drivers and `squall probe`: the same, and LiteLLM waits as `retry-after` says. LiteLLM's cooldowns are its
 * own: they cannot be told from a scenario.
 */
import type { PlatformSpec } from "../../core/scenario/platform-spec.ts";

type Ability = "attempt-timeout" | "retries" | "retry-after";

/** Of the gateways that Squall drives; another one is taken to do nothing by itself. */
const abilities: Readonly<Record<string, readonly Ability[]>> = {
  portkey: ["attempt-timeout", "retries"],
  litellm: ["attempt-timeout", "retries", "retry-after"],
  tensorzero: ["attempt-timeout", "retries"],
};

/** In words, each part that `gateway` is asked for and does not do; empty where nothing is. */
export function beyondGateway(gateway: string, platform: PlatformSpec): readonly string[] {
  const can = (ability: Ability): boolean => abilities[gateway]?.includes(ability) === true;
  const { retries, timeouts, hedge, breaker, cooldown, routing, cache } = platform.resilience ?? {};
  const asked: readonly (readonly [isAsked: boolean, inWords: string])[] = [
    [platform.retries.max > 0 && !can("retries"), "retries"],
    [retries?.backoff !== undefined, "back-off of its own choice"],
    [retries?.honourRetryAfter === true && !can("retry-after"), "retry-after"],
    [timeouts?.attemptMs !== undefined && !can("attempt-timeout"), "a time limit for each call"],
    [timeouts?.totalMs !== undefined, "a time limit for all calls"],
    [hedge !== undefined, "second calls"],
    [breaker !== undefined, "circuit breakers"],
    [cooldown !== undefined, "cooldowns"],
    [routing !== undefined && routing.by !== "order" && routing.by !== "weighted", `routing by ${routing?.by ?? ""}`],
    [cache !== undefined, "a response cache"],
    [platform.tenants !== undefined, "limits for tenants"],
    [platform.budgets !== undefined, "budgets"],
  ];
  return asked.filter(([isAsked]) => isAsked).map(([, inWords]) => inWords);
}
