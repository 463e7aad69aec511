/**
 * What becomes of the KPA's decision: bounds, initial scale and scale to zero.
 *
 * Ported from `scale`, `applyBounds` and `handleScaleToZero` in `pkg/reconciler/autoscaling/kpa/scaler.go` and from
 * `computeActiveCondition` and `activeThreshold` in `kpa.go` (Knative Serving v0.50). The probe that the activator is in
 * the request path is taken to succeed at once, and an activation never times out: both belong to a cluster's network.
 */
import type { Ms } from "../../../core/time.ts";
import { kpaDefaults, type KpaSpec } from "./spec.ts";

export interface KpaRevision {
  readonly activity: "activating" | "active" | "inactive";
  readonly sinceMs: Ms;
  /** The initial scale was reached once. */
  readonly initialized: boolean;
  /** Since when requests pass through the activator; undefined: they do not. */
  readonly proxiedSinceMs: Ms | undefined;
}

export interface KpaWish {
  readonly nowMs: Ms;
  readonly replicas: number;
  readonly readyPods: number;
  /** The decision; undefined: nothing valid was decided. */
  readonly desired: number | undefined;
  readonly excessBurstCapacity: number;
}

export interface KpaScale {
  readonly revision: KpaRevision;
  readonly replicas: number;
  /** Why the decision was not taken as it was. */
  readonly held: string | undefined;
}

export function newRevision(nowMs: Ms): KpaRevision {
  return { activity: "activating", sinceMs: nowMs, initialized: false, proxiedSinceMs: undefined };
}

export function reconcileKpa(spec: KpaSpec, revision: KpaRevision, wish: KpaWish): KpaScale {
  const scale = scaleOf(spec, revision, wish);
  const proxied = wish.excessBurstCapacity < 0 || scale.wanted === 0 || revision.activity === "inactive";
  return {
    replicas: scale.apply ?? wish.replicas,
    held: scale.held,
    revision: {
      ...nextActivity(spec, revision, wish, scale.wanted),
      proxiedSinceMs: proxied ? (revision.proxiedSinceMs ?? wish.nowMs) : undefined,
    },
  };
}

interface Scale {
  /** What the revision should be at; undefined: not known. */
  readonly wanted: number | undefined;
  /** What is written now; undefined: nothing. */
  readonly apply: number | undefined;
  readonly held: string | undefined;
}

function scaleOf(spec: KpaSpec, revision: KpaRevision, wish: KpaWish): Scale {
  if (wish.desired === undefined && revision.activity !== "activating") {
    return { wanted: undefined, apply: undefined, held: "nothing is measured" };
  }
  const { initialScale = kpaDefaults.initialScale, maxScale = 0 } = spec;
  const isInitial = initialScale > 1 && !revision.initialized;
  const minScale = isInitial ? Math.max(initialScale, spec.minScale ?? 0) : (spec.minScale ?? 0);
  const desired = wish.desired ?? -1;
  if (desired < minScale) {
    const held = `limited by ${isInitial ? "initial" : "min"}-scale ${minScale}`;
    return minScale === 0 ? zero(spec, revision, wish) : { wanted: minScale, apply: minScale, held };
  }
  if (maxScale !== 0 && desired > maxScale) {
    return { wanted: maxScale, apply: maxScale, held: `limited by max-scale ${maxScale}` };
  }
  return desired === 0 ? zero(spec, revision, wish) : { wanted: desired, apply: desired, held: undefined };
}

/** Active for a stable window, then inactive, then behind the activator for the grace period: only then nothing runs. */
function zero(spec: KpaSpec, revision: KpaRevision, wish: KpaWish): Scale {
  const stableWindowMs = spec.stableWindowMs ?? kpaDefaults.stableWindowMs;
  const graceMs = spec.scaleToZeroGraceMs ?? kpaDefaults.scaleToZeroGraceMs;
  const retentionMs = spec.scaleToZeroPodRetentionMs ?? 0;
  const forMs = wish.nowMs - revision.sinceMs;
  const proxiedMs = revision.proxiedSinceMs === undefined ? 0 : wish.nowMs - revision.proxiedSinceMs;
  if (spec.scaleToZero === false) return { wanted: 1, apply: 1, held: "scale to zero is off" };
  switch (revision.activity) {
    case "activating":
      return { wanted: undefined, apply: undefined, held: "still activating" };
    case "active":
      return forMs >= stableWindowMs
        ? { wanted: 0, apply: undefined, held: "idle for the stable window, now inactive" }
        : { wanted: 1, apply: 1, held: "active for less than the stable window" };
    case "inactive":
      if (forMs >= Math.max(graceMs, retentionMs)) return { wanted: 0, apply: 0, held: undefined };
      if (forMs < retentionMs) return { wanted: 0, apply: undefined, held: "last pod is retained" };
      return proxiedMs >= graceMs
        ? { wanted: 0, apply: 0, held: undefined }
        : { wanted: 0, apply: undefined, held: "grace period" };
  }
}

function nextActivity(
  spec: KpaSpec,
  revision: KpaRevision,
  wish: KpaWish,
  wanted: number | undefined,
): Pick<KpaRevision, "activity" | "sinceMs" | "initialized"> {
  const { initialScale = kpaDefaults.initialScale, minScale = 0 } = spec;
  const enough = Math.max(minScale, revision.initialized ? 1 : initialScale);
  const initialized = revision.initialized || wish.readyPods >= enough;
  const activity = activityOf(revision, wish, wanted, enough);
  const sinceMs = activity === revision.activity ? revision.sinceMs : wish.nowMs;
  return { activity, sinceMs, initialized };
}

function activityOf(
  revision: KpaRevision,
  wish: KpaWish,
  wanted: number | undefined,
  enough: number,
): KpaRevision["activity"] {
  if (wanted === 0 || enough === 0) return "inactive";
  if (wanted === undefined && revision.activity === "inactive") return "inactive";
  return wish.readyPods < enough ? "activating" : "active";
}
