import { afterEach, describe, expect, it, vi } from "vitest";
import { createLiveControl, type LiveControl } from "../../../cli/live/control.ts";
import { startLiveEvents } from "../../../cli/live/events.ts";
import { LiveReplicaSet } from "../../../cli/live/replica-set.ts";
import { LiveRoutes } from "../../../cli/live/routes.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { PlatformAction } from "../../../core/scenario/event-spec.ts";
import type { TimelineEntry } from "../../../core/scenario/scenario.ts";
import type { Refusals } from "../../../gateways/driver.ts";
import { FleetLog } from "../../../simulator/fleet-log.ts";
import { Tally } from "../../../simulator/tally.ts";
import { testPolicy, testProvider } from "../../gateways/policies.ts";
import { plainRecord } from "../../made-record.ts";
import { madeFleet, type MadeFleet } from "./made-fleet.ts";

afterEach(() => vi.useRealTimers());

const { providers } = parseScenario(
  `scenario: made
traffic: { arrivals: [{ for: 1s, rate: 1/s }], requests: [{ model: gpt-4o-mini, input: 1, output: 1 }] }
providers:
  openai: { dialect: openai, models: { gpt-4o-mini: {} }, latency: { profile: openai-gpt-4o-mini } }
objectives: { errors: 0 }
`,
  "made.yaml",
);

interface Controlled extends MadeFleet {
  readonly control: LiveControl;
  readonly faults: TimelineEntry[];
  readonly errorShares: ReadonlyMap<string, number>;
  readonly keysSent: () => readonly (string | undefined)[];
}

function controlled({ hasFleet = true, isBreakable = true, refusals = {} as Refusals } = {}): Controlled {
  const made = madeFleet(2);
  const { fleet, clock } = made;
  const errorShares = new Map<string, number>();
  const replicas = new LiveReplicaSet({ fleet, clock, log: new FleetLog(), tally: new Tally(), start: 2, errorShares });
  made.onChange = () => replicas.changed();
  const faults: TimelineEntry[] = [];
  const twoProviders = testPolicy([testProvider("openai"), testProvider("azure")]);
  const large = { model: "gpt-4o", providers: [testProvider("openai")] };
  const policy = { ...twoProviders, routes: [...twoProviders.routes, large] };
  const nothing = {
    begin: () => undefined,
    loadBegins: () => Promise.resolve(),
    saw: () => undefined,
    end: () => Promise.resolve(),
    events: () => [],
  };
  const account = { hourly: 0, startupMs: 0, counts: [], demand: [] };
  const control = createLiveControl({
    fleet: hasFleet
      ? {
          ...nothing,
          gateway: fleet,
          fleet,
          replicas,
          scaling: undefined,
          refusals,
          isBreakable,
          account: () => account,
        }
      : undefined,
    mock: {
      nowMs: clock.nowMs,
      addFault: (entry) => {
        faults.push(entry);
        return Promise.resolve();
      },
    },
    routes: new LiveRoutes(policy, (name) => testProvider(name)),
    providers,
    timeScale: clock.timeScale,
    replicasMax: 4,
  });
  const keysSent = (): readonly (string | undefined)[] =>
    made.policies.map(({ routes }) => routes[0]?.providers.find(({ name }) => name === "openai")?.apiKey);
  return Object.assign(made, { control, faults, keysSent, errorShares });
}

const slowVersion = { version: "v2", surge: 1, unavailable: 0, errorShare: 0, slowdown: 2 };

const rotate = (gapMs: number): PlatformAction => ({ kind: "rotate-key", provider: "openai", gapMs });

describe("acting on a live platform", () => {
  it("sends the new key before the old one is revoked, so that nobody is refused", async () => {
    const { control, faults, keysSent } = controlled();
    await control.apply(rotate(0));
    expect(keysSent()).toEqual(["sk-squall-openai-2"]);
    expect(faults).toEqual([]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(faults).toMatchObject([{ forMs: undefined, fault: { kind: "credential-revoked", key: "key-openai" } }]);
    await control.apply(rotate(0));
    expect(keysSent()).toEqual(["sk-squall-openai-2", "sk-squall-openai-3"]);
    expect(control.keyOf("openai")).toBe("sk-squall-openai-3");
  });

  it("does not revoke the old key as long as a replica runs that was started with it", async () => {
    const made = controlled();
    const { control, faults, enter } = made;
    made.takes = "new-replicas";
    await control.apply(rotate(0));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(faults).toEqual([]);
    for (const [fresh, old] of [
      [2, 1],
      [3, 0],
    ] as const) {
      enter(fresh, "ready");
      enter(old, "gone");
    }
    await vi.advanceTimersByTimeAsync(5_000);
    expect(faults).toMatchObject([{ fault: { kind: "credential-revoked", key: "key-openai" } }]);
  });

  it("sends the revoked key for as long as the gap lasts", async () => {
    const { control, faults, keysSent } = controlled();
    await control.apply(rotate(2_000));
    expect(faults).toMatchObject([{ fault: { kind: "credential-revoked", key: "key-openai" } }]);
    expect(keysSent()).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(keysSent()).toEqual(["sk-squall-openai-2"]);
  });

  it("does nothing that was put off once it is stopped", async () => {
    const { control, faults } = controlled();
    await control.apply(rotate(0));
    control.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(faults).toEqual([]);
  });

  it("puts nothing off that is still being done when it is stopped", async () => {
    const { control, faults } = controlled();
    const rotating = control.apply(rotate(0));
    control.stop();
    await rotating;
    expect(vi.getTimerCount()).toBe(0);
    expect(faults).toEqual([]);
  });

  it("routes a model elsewhere, and back", async () => {
    const { control, policies } = controlled();
    const action = { kind: "route", model: "gpt-4o-mini", providers: ["azure"] } as const;
    const { text, undo } = await control.apply(action);
    expect(text).toBe("goes to azure in place of openai, azure");
    expect(control.stateOf(action)).toBe("goes to azure");
    expect(await undo?.()).toBe("goes to openai, azure again");
    expect(policies.map(({ routes }) => routes[0]?.providers.map(({ name }) => name))).toEqual([
      ["azure"],
      ["openai", "azure"],
    ]);
  });

  it("exchanges the replicas where a route is only for those that start", async () => {
    const made = controlled();
    made.takes = "new-replicas";
    await made.control.apply({ kind: "route", model: "gpt-4o-mini", providers: ["azure"] });
    expect(made.calls).toEqual(["policy", "add v1"]);
  });

  it("holds what is wished for by hand within the platform's bounds, and says so", async () => {
    const { control } = controlled();
    expect((await control.apply({ kind: "scale", replicas: 9 })).text).toBe("by hand: 2 -> 4, not 9");
    expect(control.stateOf({ kind: "scale", replicas: 1 })).toBe("4 replicas wished for");
    expect((await control.apply({ kind: "scale", replicas: 0 })).text).toBe("by hand: 4 -> 1, not 0");
  });

  it("breaks and slows links through the providers' faults", async () => {
    const { control, faults } = controlled();
    await control.apply({ kind: "link-down", provider: "openai" }, 3_000);
    await control.apply({ kind: "link-slow", provider: "openai", addedMs: 250 });
    expect(faults).toMatchObject([
      { forMs: 3_000, fault: { provider: "openai", kind: "outage", how: "reset" } },
      { forMs: undefined, fault: { provider: "openai", kind: "slow-first-token", byMs: 250 } },
    ]);
  });

  it("has part of the conversations answered by another model, and all of them, and none", async () => {
    const { control, calls, policies } = controlled();
    const part = { kind: "switch-model", model: "gpt-4o-mini", to: "gpt-4o", share: 0.1 } as const;
    const { text, undo } = await control.apply(part);
    expect(text).toBe("is answered by gpt-4o in 10 % of the conversations");
    expect(control.stateOf(part)).toBe(text);
    // Who is not switched goes where it went before.
    expect(calls).toEqual(['switch [["gpt-4o-mini",0.1]] gpt-4o-mini: gpt-4o, gpt-4o: gpt-4o', "policy"]);
    expect(policies.at(-1)?.routes[0]?.providers).toHaveLength(2);
    const { share: _, ...whole } = part;
    expect((await control.apply(whole)).text).toBe("is answered by gpt-4o");
    expect(calls.slice(2)).toEqual(["switch [] gpt-4o-mini: gpt-4o, gpt-4o: gpt-4o", "policy"]);
    expect(policies.at(-1)?.routes[0]?.providers).toMatchObject([{ name: "openai", model: "gpt-4o" }]);
    expect(await undo?.()).toBe("answers for itself");
    expect(policies.at(-1)?.routes[0]?.providers).toHaveLength(2);
  });

  it("refuses a tenant that has spent its minute, until the next one, and counts what ends", async () => {
    const { control, calls } = controlled();
    const cap = { kind: "cap-tenant", tenant: "web", perHour: 600 } as const; // nano-dollars: 10 a minute
    const { text, undo } = await control.apply(cap);
    expect(text).toMatch(/^may spend .* an hour, counted by the minute$/);
    const ends = (tenant: string, cost: number): void => control.ended(plainRecord({ tenant, cost }));
    ends("others", 50);
    ends("web", 9);
    await vi.advanceTimersByTimeAsync(1_000); // ten seconds of the scenario
    expect(calls).toEqual([]);
    ends("web", 1);
    ends("web", 1);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(calls).toEqual(["bar web 50000"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual(["bar web 50000", "bar web undefined"]);
    ends("web", 10);
    expect(await undo?.()).toBe("may spend what it likes");
    expect(calls.slice(2)).toEqual(["bar web 60000", "bar web undefined"]);
    ends("web", 1_000);
    expect(calls).toHaveLength(4);
  });

  it("cuts the newest replicas off from their providers, and mends them", async () => {
    const { control, calls, replica } = controlled();
    const { text, undo } = await control.apply({ kind: "broken", replicas: 1 });
    expect(text).toBe("1 replica can reach no model");
    expect(await undo?.()).toBe("every replica reaches models again");
    expect(calls).toEqual(["cut 1", "mend 1"]);
    expect(replica(1).isCutOff).toBe(false);
  });

  it("refuses what the gateway says cannot be done to it, and nothing has changed then", async () => {
    const { control, calls } = controlled({ refusals: { route: "its routes are its own" } });
    const action = { kind: "route", model: "gpt-4o", providers: ["azure"] } as const;
    const before = control.stateOf(action);
    await expect(control.apply(action)).rejects.toMatchObject({
      code: "not-done-live",
      message: '"route" cannot be done live: its routes are its own',
    });
    expect([calls, control.stateOf(action)]).toEqual([[], before]);
  });

  it("rolls out a version that fails by itself, and rolls back to one that does not", async () => {
    const { control, errorShares } = controlled();
    await control.apply({ kind: "rollout", version: "v2", surge: 1, unavailable: 0, errorShare: 0.3, slowdown: 1 });
    expect([...errorShares]).toEqual([["v2", 0.3]]);
    await control.apply({ kind: "rollback" });
    expect([...errorShares]).toEqual([
      ["v2", 0.3],
      ["v1", 0],
    ]);
  });

  it.each([
    [{ kind: "broken", replicas: 1 }, /this gateway cannot be broken on purpose/],
    [
      { kind: "rollout", version: "v2", surge: 1, unavailable: 0, errorShare: 0.1, slowdown: 1 },
      /this gateway cannot be broken on purpose/,
    ],
    [{ kind: "rollout", version: "v2", surge: 1, unavailable: 0, errorShare: 0, slowdown: 2 }, /it is no slower/],
  ] as const)("refuses in words what cannot be done to this gateway: %j", async (action, told) => {
    const { control, calls, faults } = controlled({ isBreakable: false });
    await expect(control.apply(action)).rejects.toThrow(told);
    expect([calls, faults]).toEqual([[], []]);
  });

  it("needs a fleet for everything but what providers suffer", async () => {
    const { control, faults } = controlled({ hasFleet: false });
    await expect(control.apply({ kind: "scale", replicas: 3 })).rejects.toThrow(/needs a fleet/);
    await expect(control.apply(rotate(0))).rejects.toThrow(/needs a fleet/);
    await control.apply({ kind: "link-down", provider: "openai" });
    expect(faults).toHaveLength(1);
  });
});

describe("the events of a scenario in a live run", () => {
  it("happen on their instants, are undone after their time, and are told with what they did", async () => {
    const { control, clock, calls } = controlled();
    const told: string[] = [];
    const happened = (atMs: number, kind: string, subject: string, text: string): void =>
      void told.push(`${atMs} ${kind} ${subject} ${text}`);
    const stop = startLiveEvents(
      [
        { atMs: 2_000, forMs: 3_000, action: { kind: "admit", requests: false } },
        { atMs: 4_000, forMs: undefined, action: { kind: "rollout", ...slowVersion } },
        { atMs: 90_000, forMs: undefined, action: { kind: "admit", requests: false } },
      ],
      1_000,
      { control, clock, happened },
    );
    await vi.advanceTimersByTimeAsync(299);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(701);
    expect(calls).toEqual(["admit false", "admit true"]);
    expect(told).toEqual([
      "3000 action gateway turns every request away",
      expect.stringMatching(/^5000 action gateway "rollout" cannot be done live: /),
      "6000 action gateway lets requests in",
    ]);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(2);
  });

  it("are not undone any more where the end comes while one is being done", async () => {
    const { control, clock, calls } = controlled();
    const action = { kind: "admit", requests: false } as const;
    const stop = startLiveEvents([{ atMs: 0, forMs: 3_000, action }], 0, { control, clock, happened: () => undefined });
    vi.advanceTimersByTime(0);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual(["admit false"]);
  });
});
