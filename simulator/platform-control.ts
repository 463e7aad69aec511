/**
 * Acting on a platform while it runs: what a scenario's timeline plans, what a runbook does.
 *
 * Every action is an event of the kernel like any other, so it happens at its own instant and in a fixed order. What it did is
 * written into the log; what it did not do, because there was nothing to do it to, as well.
 */
import type { FaultSchedule } from "../behavior/faults/schedule.ts";
import { assertNever, invariant } from "../core/invariant.ts";
import { formatMoney } from "../core/money.ts";
import type { PlatformAction, TimedAction } from "../core/scenario/event-spec.ts";
import type { Ms } from "../core/time.ts";
import { formatDuration } from "../core/time.ts";
import { formatShare, plural } from "../core/units.ts";
import { fleetLife, scheduleLife } from "./fleet-events.ts";
import type { FrontDoor, Switched } from "./front-door.ts";
import type { EventHandle, Kernel } from "./kernel.ts";
import type { Link } from "./link.ts";
import type { Platform } from "./platform.ts";

export interface PlatformControlOptions {
  readonly kernel: Kernel;
  readonly platform: Platform;
  readonly faults: FaultSchedule;
  /** By provider. */
  readonly links: ReadonlyMap<string, Link>;
  /** Sends the requests of a model elsewhere; answers where they went before. */
  readonly reroute: (model: string, providers: readonly string[]) => readonly string[];
  /** The gateway's door; undefined: there is no gateway that could keep anything or anybody in bounds. */
  readonly door: FrontDoor | undefined;
}

/** What an action did, in words, and how to undo it where that means anything. */
interface Done {
  readonly text: string;
  readonly undo?: () => string;
}

interface Plan {
  readonly subject: string;
  readonly forMs: Ms | undefined;
  readonly act: () => Done;
}

export class PlatformControl {
  readonly #options: PlatformControlOptions;
  readonly #plans: Plan[] = [];
  readonly #pending: EventHandle[] = [];

  constructor(options: PlatformControlOptions) {
    this.#options = options;
  }

  /** Plans an action; `atMs` is an instant of the run, now or later. After `forMs` it is undone where that means anything. */
  apply(atMs: Ms, action: PlatformAction, forMs?: Ms): void {
    this.#plan(atMs, { subject: subjectOf(action), forMs, act: () => this.#act(action, forMs) });
  }

  /** The timeline of a scenario, whose instants count from the start of the load. */
  start(events: readonly TimedAction[], loadStartMs: Ms): void {
    for (const { atMs, action, forMs } of events) this.apply(loadStartMs + atMs, action, forMs);
  }

  /** A plan is due. */
  due(index: number): void {
    const { kernel, platform } = this.#options;
    const plan = this.#plans[index];
    invariant(plan !== undefined, `no plan ${index}`);
    const { subject, forMs } = plan;
    const { text, undo } = plan.act();
    platform.log.happened(kernel.nowMs, "action", subject, text);
    if (forMs === undefined || undo === undefined) return;
    this.#plan(kernel.nowMs + forMs, { subject, forMs: undefined, act: () => ({ text: undo() }) });
  }

  /** Nobody sends any more: nothing is done any more. */
  stop(): void {
    for (const handle of this.#pending) this.#options.kernel.cancel(handle);
  }

  #plan(atMs: Ms, plan: Plan): void {
    this.#plans.push(plan);
    this.#pending.push(scheduleLife(this.#options.kernel, atMs, fleetLife.actionDue, this.#plans.length - 1));
  }

  #act(action: PlatformAction, forMs: Ms | undefined): Done {
    switch (action.kind) {
      case "scale":
      case "rollout":
      case "rollback":
      case "node-loss":
      case "broken":
      case "drain":
        return this.#actOnFleet(action);
      case "link-down":
      case "link-slow":
      case "rotate-key":
        return this.#actOnProvider(action, forMs);
      case "cache-loss":
        return { text: `the cache has lost ${plural(this.#options.door?.loseCache() ?? 0, "answer")}` };
      case "cap-tenant":
      case "switch-model":
        return this.#actAtDoor(action);
      case "route": {
        const { reroute } = this.#options;
        const before = reroute(action.model, action.providers);
        return {
          text: `goes to ${action.providers.join(", ")} in place of ${before.join(", ")}`,
          undo: () => `goes to ${(reroute(action.model, before), before.join(", "))} again`,
        };
      }
      case "metrics-loss":
        return this.#loseSamples(action.share);
      case "admit":
        return this.#admit(action.requests);
      case "pause-scaling":
        return this.#pauseScaling(action.paused);
      default:
        return assertNever(action);
    }
  }

  #actOnFleet(action: Extract<PlatformAction, { readonly kind: FleetActionKind }>): Done {
    const { fleet } = this.#options.platform;
    switch (action.kind) {
      case "scale": {
        const from = fleet.wished;
        fleet.scaleTo(action.replicas);
        return { text: `by hand: ${from} -> ${action.replicas}` };
      }
      case "rollout":
        fleet.rollOut(action);
        return { text: `${action.version} is rolled out, surge ${action.surge}, unavailable ${action.unavailable}` };
      case "rollback":
        return { text: fleet.rollBack() ? "rolls back to the version before" : "has no version to roll back to" };
      case "node-loss":
        return { text: lossInWords(fleet.lose(action.replicas, action.replacedAfterMs, action.region), action.region) };
      case "drain":
        return { text: `${plural(fleet.drain(action.replicas), "replica")} drained` };
      case "broken":
        return {
          text: `${plural(fleet.breakUpstream(action.replicas), "replica")} can reach no model`,
          undo: () => {
            fleet.mendUpstream();
            return "every replica reaches models again";
          },
        };
      default:
        return assertNever(action);
    }
  }

  /** Faults end by themselves. */
  #actOnProvider(
    action: Extract<PlatformAction, { readonly kind: "link-down" | "link-slow" | "rotate-key" }>,
    forMs: Ms | undefined,
  ): Done {
    const { faults, kernel, links } = this.#options;
    const { provider } = action;
    const { nowMs } = kernel;
    const everything = { provider, model: undefined, share: 1 };
    switch (action.kind) {
      case "link-down":
        faults.add({ atMs: nowMs, forMs, fault: { ...everything, kind: "outage", how: "reset", status: 503 } });
        return { text: "no connection comes about" };
      case "rotate-key": {
        const fault = { ...everything, kind: "error-rate", status: 401, retryAfterMs: undefined } as const;
        if (action.gapMs > 0) faults.add({ atMs: nowMs, forMs: action.gapMs, fault });
        return { text: `has a new key; the old one is sent for ${formatDuration(action.gapMs)} more` };
      }
      case "link-slow": {
        const link = links.get(provider);
        invariant(link !== undefined, `there is a link to ${provider}`);
        link.addedMs += action.addedMs;
        return {
          text: `answers take ${formatDuration(action.addedMs)} longer`,
          undo: () => {
            link.addedMs -= action.addedMs;
            return "answers take no longer than before";
          },
        };
      }
      default:
        return assertNever(action);
    }
  }

  /** Undone by what was in force before. */
  #actAtDoor(action: Extract<PlatformAction, { readonly kind: "cap-tenant" | "switch-model" }>): Done {
    const { door } = this.#options;
    if (door === undefined) return { text: "there is no gateway that could do it" };
    if (action.kind === "cap-tenant") {
      const inWords = (perHour: number | null): string =>
        perHour === null
          ? "may spend what it likes"
          : `may spend ${formatMoney(perHour)} an hour, counted by the minute`;
      const before = door.capTenant(action.tenant, action.perHour);
      return {
        text: inWords(action.perHour),
        undo: () => (door.capTenant(action.tenant, before), inWords(before)),
      };
    }
    const inWords = (other: Switched | null): string => {
      if (other === null) return "answers for itself";
      return `is answered by ${other.to}${other.share < 1 ? ` in ${formatShare(other.share)} of the conversations` : ""}`;
    };
    const to = action.to === null ? null : { to: action.to, share: action.share ?? 1 };
    const before = door.switchModel(action.model, to);
    return { text: inWords(to), undo: () => (door.switchModel(action.model, before), inWords(before)) };
  }

  #loseSamples(share: number): Done {
    const { loop } = this.#options.platform;
    loop?.loseSamples(share);
    return {
      text: `${formatShare(share)} of the samples never arrive`,
      undo: () => {
        loop?.loseSamples(undefined);
        return "samples arrive as before";
      },
    };
  }

  #pauseScaling(paused: boolean): Done {
    const { loop } = this.#options.platform;
    if (loop === undefined) return { text: "nobody scales" };
    const inWords = (isPaused: boolean): string => (isPaused ? "nobody listens to its scaling" : "scales again");
    const before = loop.paused;
    loop.paused = paused;
    return {
      text: inWords(paused),
      undo: () => {
        loop.paused = before;
        return inWords(before);
      },
    };
  }

  #admit(requests: boolean): Done {
    const { platform } = this.#options;
    const inWords = (admits: boolean): string => (admits ? "lets requests in" : "turns every request away");
    platform.admits = requests;
    return {
      text: inWords(requests),
      undo: () => {
        platform.admits = !requests;
        return inWords(!requests);
      },
    };
  }
}

type FleetActionKind = "scale" | "rollout" | "rollback" | "node-loss" | "broken" | "drain";

/** What an event is about, live as in a simulation. */
export function subjectOf(action: PlatformAction): string {
  if ("provider" in action) return action.provider;
  if ("tenant" in action) return action.tenant;
  return "model" in action ? action.model : "gateway";
}

function lossInWords(lost: number, region: string | undefined): string {
  return `${plural(lost, "replica")} lost${region === undefined ? "" : ` in ${region}`}`;
}
