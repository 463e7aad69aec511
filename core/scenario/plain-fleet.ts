/** The fleet of a scenario that says nothing of it. */
import { lognormalSigma } from "../distributions.ts";
import { minuteMs, secondMs } from "../time.ts";
import type { FleetSpec } from "./platform-spec.ts";

/** A platform of this size is a mistake in writing. */
export const replicasMax = 1_000;

/**
 * A fleet that says nothing of itself, but may be scaled. Start-up: assumed, a small Node process whose image is on the
 * node already. Scrape interval and window: the customary 15 s and `rate(...[1m])` of a Prometheus that watches gateways.
 */
export const plainFleet: FleetSpec = {
  start: undefined,
  minReplicas: 0,
  maxReplicas: replicasMax,
  startup: { kind: "lognormal", median: 14 * secondMs, sigma: lognormalSigma(14, 25) },
  readinessMs: 0,
  concurrency: undefined,
  hourly: 0,
  balance: "round-robin",
  metrics: { scrapeMs: 15 * secondMs, windowMs: minuteMs, lagMs: 0 },
};
