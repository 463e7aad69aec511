/**
 * What faults do to one call: the table of kinds, and how several combine.
 *
 * Each kind is one file that turns its settings into an effect. Adding a kind is adding a file and a line here.
 */
import { assertNever } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { FaultSpec } from "../../core/scenario/fault-spec.ts";
import { brownoutEffect } from "./brownout.ts";
import { connectionEffect } from "./connection.ts";
import { contentFilterEffect } from "./content-filter.ts";
import { credentialRevokedEffect } from "./credential-revoked.ts";
import { cutStreamEffect } from "./cut-stream.ts";
import type { CombinedEffect, EffectOf, FaultEffect } from "./effect.ts";
import { errorEventEffect } from "./error-event.ts";
import { errorRateEffect } from "./error-rate.ts";
import { latencyEffect } from "./latency.ts";
import { malformedChunkEffect } from "./malformed-chunk.ts";
import { outageEffect } from "./outage.ts";
import { overloadEffect } from "./overload.ts";
import { quotaFactor } from "./quota-cut.ts";
import { rateLimitStormEffect } from "./rate-limit-storm.ts";
import { regionDownEffect } from "./region-down.ts";
import type { ActiveFault } from "./schedule.ts";
import { slowFirstTokenEffect } from "./slow-first-token.ts";
import { stalledStreamEffect } from "./stalled-stream.ts";
import { truncatedStreamEffect } from "./truncated-stream.ts";
import { wrongUsageEffect } from "./wrong-usage.ts";

export const noEffect: CombinedEffect = {
  drop: undefined,
  unknownKey: false,
  error: undefined,
  factor: 1,
  delayMs: 0,
  broken: undefined,
  filteredAfter: undefined,
  promptBlocked: false,
  usageFactor: 1,
};

const effects: { readonly [Kind in FaultSpec["kind"]]: EffectOf<Kind> } = {
  outage: outageEffect,
  "region-down": regionDownEffect,
  "error-rate": errorRateEffect,
  "rate-limit-storm": rateLimitStormEffect,
  overload: overloadEffect,
  "quota-cut": () => ({ kind: "none" }),
  latency: latencyEffect,
  brownout: brownoutEffect,
  "slow-first-token": slowFirstTokenEffect,
  "stalled-stream": stalledStreamEffect,
  "cut-stream": cutStreamEffect,
  "malformed-chunk": malformedChunkEffect,
  "truncated-stream": truncatedStreamEffect,
  "error-event": errorEventEffect,
  "wrong-usage": wrongUsageEffect,
  connection: connectionEffect,
  "credential-revoked": credentialRevokedEffect,
  "content-filter": contentFilterEffect,
};

/** Kinds that grow in size; any other hits more calls the stronger it is. */
const sized: ReadonlySet<FaultSpec["kind"]> = new Set<FaultSpec["kind"]>([
  "quota-cut",
  "latency",
  "brownout",
  "slow-first-token",
  "wrong-usage",
]);

/** What this kind of fault does to a call it hits. */
export function effectOf<Kind extends FaultSpec["kind"]>(
  fault: Extract<FaultSpec, { readonly kind: Kind }> & { readonly kind: Kind },
  strength: number,
  random: RandomStream,
): FaultEffect {
  return effects[fault.kind](fault, strength, random);
}

/**
 * Folds the faults that hit a call: of drops, errors, breaks and filters the first of each counts; what multiplies multiplies,
 * delays add up.
 *
 * Which calls a share hits is drawn from `random`, the stream of this call, with one named draw per fault: a fault added later
 * changes nothing for the others, and the same request is hit live and simulated.
 */
export function combinedEffect(active: readonly ActiveFault[], random: RandomStream): CombinedEffect {
  let combined = noEffect;
  for (const { id, fault, strength } of active) {
    const share = sized.has(fault.kind) ? fault.share : fault.share * strength;
    const draws = random.split(id);
    if (share < 1 && draws.uniform() >= share) continue;
    combined = folded(combined, effectOf(fault, strength, draws));
  }
  return combined;
}

function folded(sum: CombinedEffect, effect: FaultEffect): CombinedEffect {
  switch (effect.kind) {
    case "drop":
      return { ...sum, drop: sum.drop ?? effect };
    case "unknown-key":
      return { ...sum, unknownKey: true };
    case "error":
      return { ...sum, error: sum.error ?? effect };
    case "slow":
      return { ...sum, factor: sum.factor * effect.factor, error: sum.error ?? effect.failing };
    case "delay":
      return { ...sum, delayMs: sum.delayMs + effect.byMs };
    case "break":
      return { ...sum, broken: sum.broken ?? effect };
    case "filter":
      if (effect.at === "prompt") return { ...sum, filteredAfter: 0, promptBlocked: true };
      return { ...sum, filteredAfter: sum.filteredAfter ?? effect.after };
    case "usage":
      return { ...sum, usageFactor: sum.usageFactor * effect.factor };
    case "none":
      return sum;
    default:
      return assertNever(effect);
  }
}

/** What is left of the limits while these faults are in force, 0..1. */
export function limitFactor(active: readonly ActiveFault[]): number {
  let factor = 1;
  for (const { fault, strength } of active) if (fault.kind === "quota-cut") factor *= quotaFactor(fault, strength);
  return factor;
}
