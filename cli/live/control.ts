/**
 * The live action contract: everything that a scenario's timeline or a runbook can do to a platform, done to real processes.
 *
 * What means the same as in a simulation is worded the same. What cannot be done to real processes is refused in words, and
 * nothing else happens: an action is done as it is meant, or not at all.
 */
import { invalidInput, type SquallError } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import type { NanoDollars } from "../../core/money.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { PlatformAction } from "../../core/scenario/event-spec.ts";
import type { FaultKind } from "../../core/scenario/fault-spec.ts";
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { formatShare, plural } from "../../core/units.ts";
import type { LiveFleet } from "../../gateways/fleet/live-fleet.ts";
import type { MockProcess } from "../mock-process.ts";
import { LiveCaps } from "./caps.ts";
import { capInWords, lossInWords, replicaInWords, scalingInWords, switchInWords } from "./control-words.ts";
import type { FleetInRun } from "./fleet.ts";
import { spareKeys } from "./keys.ts";
import type { LiveRoutes, SwitchedModel } from "./routes.ts";

export interface LiveControlOptions {
  /** undefined: one process of the gateway, which nobody has hands on. */
  readonly fleet: FleetInRun | undefined;
  readonly mock: Pick<MockProcess, "addFault" | "nowMs">;
  readonly routes: LiveRoutes;
  readonly providers: readonly ProviderSpec[];
  /** Scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
  /** More cannot be wished for by hand. */
  readonly replicasMax: number;
}

/** What an action did, in words, and how to undo it where that means anything. */
export interface LiveDone {
  readonly text: string;
  readonly undo?: () => Promise<string>;
}

export interface LiveControl {
  /** Does it now. What a provider suffers ends by itself after `forMs`. Rejects with `not-done-live` in words. */
  readonly apply: (action: PlatformAction, forMs?: Ms) => Promise<LiveDone>;
  /** What an action of this kind changes, in words: equal words, equal state. */
  readonly stateOf: (action: PlatformAction) => string;
  /** What the gateway sends to a provider now. */
  readonly keyOf: (provider: string) => string;
  /** A request has ended, and what it cost is known. */
  readonly ended: (record: RequestRecord) => void;
  /** Nothing that was put off is done any more. */
  readonly stop: () => void;
}

/**
 * A revoked key is one that nobody sends any more: requests that were on their way when it was changed, and their retries, may
 * still bring it. Wall time.
 */
const keyOverlapMs: Ms = 5_000;

export function createLiveControl(options: LiveControlOptions): LiveControl {
  const later = new Set<NodeJS.Timeout>();
  let isOver = false;
  const control = new Control(options, (delayMs, act) => {
    if (isOver) return; // what was being done at the end may still want to put something off
    const timer = setTimeout(() => {
      later.delete(timer);
      void act().catch(() => undefined); // a mock or a front that has died is told of elsewhere
    }, delayMs);
    later.add(timer);
  });
  return {
    apply: (action, forMs) => control.apply(action, forMs),
    stateOf: (action) => control.stateOf(action),
    keyOf: (provider) => options.routes.keyOf(provider),
    ended: (record) => {
      void control.caps?.charge(record);
    },
    stop: () => {
      isOver = true;
      for (const timer of later) clearTimeout(timer);
      control.caps?.stop();
    },
  };
}

type ProviderAction = Extract<PlatformAction, { readonly kind: "link-down" | "link-slow" | "rotate-key" }>;
type FleetAction = Extract<
  PlatformAction,
  {
    readonly kind:
      | "scale"
      | "rollout"
      | "rollback"
      | "node-loss"
      | "broken"
      | "drain"
      | "metrics-loss"
      | "admit"
      | "pause-scaling";
  }
>;

class Control {
  readonly #options: LiveControlOptions;
  readonly #later: (delayMs: Ms, act: () => Promise<void>) => void;
  readonly #keysUsed = new Map<string, number>();
  /** Once somebody has set one. */
  #caps: LiveCaps | undefined;
  #admits = true;
  /** Whether part of the conversations goes elsewhere than the others. */
  #switchesInPart = false;
  #lostShare: number | undefined;

  constructor(options: LiveControlOptions, later: (delayMs: Ms, act: () => Promise<void>) => void) {
    this.#options = options;
    this.#later = later;
  }

  get caps(): LiveCaps | undefined {
    return this.#caps;
  }

  async apply(action: PlatformAction, forMs: Ms | undefined): Promise<LiveDone> {
    const refusal = this.#options.fleet?.refusals[action.kind];
    if (refusal !== undefined) throw notDoneLive(action, refusal);
    switch (action.kind) {
      case "scale":
      case "rollout":
      case "rollback":
      case "node-loss":
      case "broken":
      case "drain":
      case "metrics-loss":
      case "admit":
      case "pause-scaling":
        return await this.#actOnFleet(action, this.#fleetFor(action));
      case "link-down":
      case "link-slow":
      case "rotate-key":
        return await this.#actOnProvider(action, forMs);
      case "route":
      case "switch-model":
        return await this.#actOnRoutes(action);
      case "cap-tenant":
        return await this.#capTenant(action);
      case "cache-loss":
        return { text: lossInWords(await this.#options.fleet?.loseAnswers?.()) };
      default:
        return assertNever(action);
    }
  }

  stateOf(action: PlatformAction): string {
    const { fleet, routes } = this.#options;
    switch (action.kind) {
      case "scale":
        return `${plural(fleet?.replicas.wished ?? 1, "replica")} wished for`;
      case "rollout":
      case "rollback":
        return `${fleet?.replicas.version ?? "the first version"} is rolled out`;
      case "node-loss":
      case "drain":
      case "broken":
        return `replicas: ${fleet?.fleet.replicas().map(replicaInWords).join(", ") ?? "one"}`;
      case "route":
        return `goes to ${routes.providersOf(action.model).join(", ")}`;
      case "switch-model":
        return switchInWords(routes.switchOf(action.model));
      case "cap-tenant":
        return capInWords(this.#caps?.of(action.tenant) ?? null);
      case "rotate-key":
        return `key ${(this.#keysUsed.get(action.provider) ?? 0) + 1} of ${action.provider}`;
      case "admit":
        return this.#admits ? "lets requests in" : "turns every request away";
      case "pause-scaling":
        return scalingInWords(fleet?.scaling?.paused ?? false);
      case "metrics-loss":
        return this.#lostShare === undefined ? "samples arrive" : `${formatShare(this.#lostShare)} of the samples lost`;
      case "link-down":
      case "link-slow":
        return "as the providers' faults say";
      case "cache-loss":
        return "as the cache has it";
      default:
        return assertNever(action);
    }
  }

  async #actOnFleet(action: FleetAction, inRun: FleetInRun): Promise<LiveDone> {
    const { replicas, fleet, scaling } = inRun;
    switch (action.kind) {
      case "scale": {
        const from = replicas.wished;
        const to = Math.min(this.#options.replicasMax, Math.max(1, action.replicas));
        await replicas.scaleTo(to);
        return { text: `by hand: ${from} -> ${to}${to === action.replicas ? "" : `, not ${action.replicas}`}` };
      }
      case "rollout":
        if (action.slowdown !== 1)
          throw notDoneLive(action, "the same software runs under another name: it is no slower");
        if (action.errorShare > 0) this.#assertBreakable(action, inRun);
        return { text: `${action.version} is rolled out, ${await replicas.rollOut(action)}` };
      case "rollback":
        return {
          text: (await replicas.rollBack()) ? "rolls back to the version before" : "has no version to roll back to",
        };
      case "node-loss": {
        const lost = await replicas.lose(action.replicas, action.replacedAfterMs);
        return { text: `${plural(lost, "replica")} lost` };
      }
      case "broken": {
        this.#assertBreakable(action, inRun);
        const text = `${plural(await replicas.cutOff(action.replicas), "replica")} can reach no model`;
        return { text, undo: async () => (await replicas.mend(), "every replica reaches models again") };
      }
      case "drain":
        return { text: `${plural(await replicas.drain(action.replicas), "replica")} drained` };
      case "pause-scaling": {
        if (scaling === undefined) return { text: "nobody scales" };
        const pause = (paused: boolean): string => {
          scaling.paused = paused;
          return scalingInWords(paused);
        };
        const before = scaling.paused;
        return { text: pause(action.paused), undo: () => Promise.resolve(pause(before)) };
      }
      case "metrics-loss": {
        if (scaling === undefined) return { text: "nobody scales: nobody misses the samples" };
        const lose = (share: number | undefined): void => {
          this.#lostShare = share;
          scaling.loseSamples(share);
        };
        lose(action.share);
        return {
          text: `${formatShare(action.share)} of the samples never arrive`,
          undo: () => Promise.resolve((lose(undefined), "samples arrive as before")),
        };
      }
      case "admit": {
        const admit = async (requests: boolean): Promise<string> => {
          await fleet.admit(requests);
          this.#admits = requests;
          return requests ? "lets requests in" : "turns every request away";
        };
        return { text: await admit(action.requests), undo: () => admit(!action.requests) };
      }
      default:
        return assertNever(action);
    }
  }

  /** Faults end by themselves. */
  async #actOnProvider(action: ProviderAction, forMs: Ms | undefined): Promise<LiveDone> {
    const { provider } = action;
    switch (action.kind) {
      case "link-down":
        await this.#suffer(provider, { kind: "outage", how: "reset", status: 503 }, forMs);
        return { text: "no connection comes about" };
      case "link-slow":
        await this.#suffer(provider, { kind: "slow-first-token", byMs: action.addedMs }, forMs);
        return { text: `answers take ${formatDuration(action.addedMs)} longer` };
      case "rotate-key":
        return await this.#changeKey(action);
      default:
        return assertNever(action);
    }
  }

  /** Without a gap the new key is sent before the old one is revoked, and no request fails. */
  async #changeKey(action: Extract<PlatformAction, { readonly kind: "rotate-key" }>): Promise<LiveDone> {
    const { provider, gapMs } = action;
    const { routes, providers, timeScale } = this.#options;
    this.#fleetFor(action);
    const spec = providers.find(({ name }) => name === provider);
    const used = this.#keysUsed.get(provider) ?? 0;
    const next = spec === undefined ? undefined : spareKeys(spec)[used];
    if (next === undefined) throw notDoneLive(action, `it takes no more than ${used} new keys in a run`);
    this.#keysUsed.set(provider, used + 1);
    const old = routes.keyOf(provider);
    const revoke = (): Promise<void> => this.#suffer(provider, { kind: "credential-revoked" }, undefined, old);
    const change = async (): Promise<void> => {
      routes.changeKey(provider, next);
      await this.#send();
    };
    if (gapMs > 0) {
      await revoke();
      this.#later(gapMs / timeScale, change);
    } else {
      await change();
      this.#onceRenewed(revoke);
    }
    return { text: `has a new key; the old one is sent for ${formatDuration(gapMs)} more` };
  }

  /** When nobody is left who has the policy before: some time after it, or after the last replica that was started with it. */
  #onceRenewed(act: () => Promise<void>): void {
    const policies = (): readonly number[] => this.#options.fleet?.fleet.replicas().map(({ policy }) => policy) ?? [];
    const newest = Math.max(...policies());
    const look = async (): Promise<void> =>
      policies().some((policy) => policy < newest) ? this.#later(keyOverlapMs, look) : await act();
    this.#later(keyOverlapMs, look);
  }

  async #capTenant(action: Extract<PlatformAction, { readonly kind: "cap-tenant" }>): Promise<LiveDone> {
    const { tenant, perHour } = action;
    const { mock, timeScale } = this.#options;
    const { fleet } = this.#fleetFor(action);
    const bar: LiveFleet["bar"] = (whose, retryAfterMs) => fleet.bar(whose, retryAfterMs);
    const caps = (this.#caps ??= new LiveCaps({ bar, clock: { nowMs: mock.nowMs, timeScale } }));
    const before = caps.of(tenant);
    const cap = async (limit: NanoDollars | null): Promise<string> => {
      await caps.set(tenant, limit);
      return capInWords(limit);
    };
    return { text: await cap(perHour), undo: () => cap(before) };
  }

  async #actOnRoutes(action: Extract<PlatformAction, { readonly kind: "route" | "switch-model" }>): Promise<LiveDone> {
    const { routes } = this.#options;
    this.#fleetFor(action);
    if (action.kind === "route") {
      const { model } = action;
      const reroute = async (providers: readonly string[]): Promise<string> => {
        routes.reroute(model, providers);
        await this.#send();
        return providers.join(", ");
      };
      const before = routes.providersOf(model);
      return {
        text: `goes to ${await reroute(action.providers)} in place of ${before.join(", ")}`,
        undo: async () => `goes to ${await reroute(before)} again`,
      };
    }
    const { model, to, share = 1 } = action;
    const switchTo = async (switched: SwitchedModel | null): Promise<string> => {
      routes.switchModel(model, switched);
      await this.#send();
      return switchInWords(switched);
    };
    const before = routes.switchOf(model);
    return { text: await switchTo(to === null ? null : { to, share }), undo: () => switchTo(before) };
  }

  /** The gateway is told: at once where it can be, else replica by replica. */
  async #send(): Promise<void> {
    const { fleet, routes } = this.#options;
    if (fleet === undefined) return;
    const { shares, policy } = routes.switchedInPart();
    if (shares.size > 0 || this.#switchesInPart) await fleet.fleet.switchModels(shares, policy);
    this.#switchesInPart = shares.size > 0;
    if ((await fleet.fleet.setPolicy(routes.policy())) === "new-replicas") await fleet.replicas.renew();
  }

  async #suffer(provider: string, kind: FaultKind, forMs: Ms | undefined, key?: string): Promise<void> {
    const { mock } = this.#options;
    const fault = { provider, model: undefined, share: 1, ...(key === undefined ? {} : { key }), ...kind };
    await mock.addFault({ atMs: mock.nowMs(), forMs, fault });
  }

  #fleetFor(action: PlatformAction): FleetInRun {
    const { fleet } = this.#options;
    if (fleet !== undefined) return fleet;
    throw notDoneLive(action, "nobody has hands on one process of a gateway: it needs a fleet");
  }

  #assertBreakable(action: PlatformAction, { isBreakable }: FleetInRun): void {
    if (!isBreakable) throw notDoneLive(action, "this gateway cannot be broken on purpose");
  }
}

function notDoneLive(action: PlatformAction, why: string): SquallError {
  return invalidInput(`"${action.kind}" cannot be done live: ${why}`, {
    code: "not-done-live",
    hint: "simulate it: `squall simulate` plays every event",
  });
}
