/** A replica that is a pod of a cluster: what is known of it. */
import type { Ms } from "../../core/time.ts";
import type { LivePhase, LiveReplica } from "../fleet/live-fleet.ts";

export class PodReplica implements LiveReplica {
  readonly id: number;
  readonly name: string;
  readonly version: string;
  /** A cluster's pods read their configuration where the Deployment says. */
  readonly policy = 0;
  readonly wishedMs: Ms;
  phase: LivePhase = "starting";
  sinceMs: Ms;
  readonly isWell = true;
  readonly isCutOff = false;
  /** Which pod has which request is known to nobody but the cluster's own load balancer. */
  readonly inFlight = 0;
  readonly taken = 0;
  cpuSeconds = 0;
  rssBytes = 0;
  restarts = 0;

  constructor(id: number, name: string, version: string, nowMs: Ms) {
    this.id = id;
    this.name = name;
    this.version = version;
    this.wishedMs = nowMs;
    this.sinceMs = nowMs;
  }

  enter(phase: LivePhase, nowMs: Ms): void {
    this.phase = phase;
    this.sinceMs = nowMs;
  }
}
