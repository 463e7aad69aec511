/** What is done to fleets, and what happens to them: timelines worked out by hand. */
import { describe, expect, it } from "vitest";
import type { PlannedRequest } from "../../behavior/workload.ts";
import type { PlatformAction, TimedAction } from "../../core/scenario/event-spec.ts";
import type { FleetSpec } from "../../core/scenario/platform-spec.ts";
import {
  answerAt10,
  gatewayOf,
  openPhase,
  type Play,
  play,
  request,
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";
import { everyMs, fleetOf, scriptedPolicy } from "./scripted-scaling.ts";

const gateway = gatewayOf({ requestCpuMs: 2 });
const answerAt5s: Script = { kind: "answer", chunksAtMs: [5_000] };

interface Story {
  readonly start: number;
  readonly requests: readonly PlannedRequest[];
  readonly scripts?: readonly Script[];
  readonly fleet?: Partial<FleetSpec>;
  readonly events?: readonly (readonly [number, PlatformAction, number?])[];
  readonly wishes?: readonly number[];
}

function tell({ start, requests, scripts, fleet, events, wishes }: Story): Play {
  const timed = (events ?? []).map(([atMs, action, forMs]): TimedAction => ({ atMs, forMs, action }));
  const platform = {
    gateway: "scripted",
    replicas: start,
    fleet: fleetOf({ startup: { kind: "constant", value: 10_000 }, readinessMs: 0, ...fleet }),
    routes: [{ model: "m", providers: ["p"] }],
    retries: { max: 0, on: [] },
  };
  return play([openPhase(requests)], [scriptedProvider("p", scripts ?? [answerAt10])], gateway, {
    scenario: { seed: 7, platform, timeline: [], events: timed },
    ...(wishes === undefined ? {} : { scaling: scriptedPolicy(10_000, wishes) }),
  });
}

/** `atMs wished starting ready draining` after each change. */
function counts(told: Play): readonly (readonly number[])[] {
  return (told.replicas?.counts ?? []).map(({ atMs, wished, starting, ready, draining }) => {
    return [atMs, wished, starting, ready, draining];
  });
}

function outcomes(told: Play): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { outcome, reason } of told.records) {
    const key = reason === "" ? outcome : reason;
    counted[key] = (counted[key] ?? 0) + 1;
  }
  return counted;
}

const v2 = { kind: "rollout", version: "v2", surge: 1, unavailable: 0, errorShare: 0, slowdown: 1 } as const;

describe("a rollout", () => {
  it("with a surge of one replaces replica after replica, never with fewer ready than wished for", () => {
    const told = tell({ start: 2, requests: everyMs(1_000, 40_000), events: [[5_000, v2]] });
    expect(counts(told)).toEqual([
      [0, 2, 0, 2, 0],
      [5_000, 2, 1, 2, 0], // one above the wished number starts
      [15_000, 2, 1, 2, 0], // it is ready, an old one goes, the next starts
      [25_000, 2, 0, 2, 0], // and the last old one has gone
    ]);
    expect(outcomes(told)).toEqual({ ok: 40 });
  });

  it("without a surge takes one away first", () => {
    const told = tell({
      start: 2,
      requests: everyMs(1_000, 40_000),
      events: [[5_000, { ...v2, surge: 0, unavailable: 1 }]],
    });
    expect(counts(told).map(([atMs, , starting, ready]) => [atMs, starting, ready])).toEqual([
      [0, 0, 2],
      [5_000, 1, 1], // one old replica goes, and a new one starts in its place
      [15_000, 1, 1],
      [25_000, 0, 2],
    ]);
  });

  it("of a bad version fails its share of the requests, until it is rolled back", () => {
    const told = tell({
      start: 1,
      requests: everyMs(100, 60_000),
      events: [
        [0, { ...v2, errorShare: 0.5 }],
        [30_000, { kind: "rollback" }],
      ],
    });
    // v2 serves from 10 s, and v1 again from 40 s: 300 requests, of which half fail.
    const failed = told.records.filter(({ reason }) => reason === "bad-version");
    expect(failed.every(({ intendedMs }) => intendedMs >= 10_000 && intendedMs < 40_000)).toBe(true);
    expect(failed.length).toBeGreaterThan(120);
    expect(failed.length).toBeLessThan(180);
    expect(told.replicas?.tally?.failedByVersion).toBe(failed.length);
  });

  it("of a slow version makes its work longer", () => {
    const told = tell({ start: 1, requests: everyMs(1_000, 20_000), events: [[0, { ...v2, slowdown: 3 }]] });
    const took = told.records.map(({ endMs, intendedMs }) => Math.round(endMs - intendedMs));
    expect([took[0], took.at(-1)]).toEqual([12, 16]); // 2 ms and 10 ms, then three times 2 ms
  });
});

describe("a lost node", () => {
  it("loses what is in flight on it, and is replaced when that is noticed", () => {
    const told = tell({
      start: 2,
      requests: everyMs(1_000, 30_000),
      scripts: [answerAt5s],
      events: [[6_500, { kind: "node-loss", replicas: 1, replacedAfterMs: 2_000 }]],
    });
    expect(counts(told)).toEqual([
      [0, 2, 0, 2, 0],
      [6_500, 2, 0, 1, 0],
      [8_500, 2, 1, 1, 0],
      [18_500, 2, 0, 2, 0],
    ]);
    // In turn: the older had the requests of 0, 2, 4 and 6 s; those of 2, 4 and 6 s were in flight.
    const lost = told.records.filter(({ outcome }) => outcome !== "ok");
    lost.sort((left, right) => left.intendedMs - right.intendedMs);
    expect(lost.map(({ intendedMs, endMs, reason }) => [intendedMs, endMs, reason])).toEqual([
      [2_000, 6_500, "replica-gone"],
      [4_000, 6_500, "replica-gone"],
      [6_000, 6_500, "replica-gone"],
    ]);
    expect(told.replicas?.tally?.killed).toBe(3);
  });

  it("cuts off streams that have begun", () => {
    const told = tell({
      start: 1,
      requests: [request("r0", { outputTokens: 3 })],
      scripts: [{ kind: "answer", chunksAtMs: [1_000, 2_000, 3_000] }],
      events: [[1_500, { kind: "node-loss", replicas: 1, replacedAfterMs: 0 }]],
    });
    expect(told.records).toMatchObject([{ outcome: "cut-stream", endMs: 1_500, chunks: 1, outputTokens: 1 }]);
  });
});

describe("grace", () => {
  const draining: Story = { start: 2, requests: everyMs(1_000, 20_000), scripts: [answerAt5s], wishes: [1] };

  it("lets a replica that drains finish in time", () => {
    const told = tell({ ...draining, fleet: { graceMs: 6_000 } });
    expect(outcomes(told)).toEqual({ ok: 20 });
  });

  it("kills it when it is over, with what it still serves", () => {
    // The newer replica has the requests of 7 and 9 s when it is told to go at 10 s.
    const told = tell({ ...draining, fleet: { graceMs: 3_000 } });
    const lost = told.records.filter(({ outcome }) => outcome !== "ok");
    expect(lost.map(({ intendedMs, endMs }) => [intendedMs, endMs])).toEqual([[9_000, 13_000]]);
    expect(told.events.at(-1)?.text).toBe("is killed: its grace is over, with 1 request in flight");
  });
});

describe("a slow start", () => {
  it("makes a replica that is new take longer for a while", () => {
    const told = tell({
      start: 0,
      requests: everyMs(1_000, 30_000),
      wishes: [1],
      fleet: { slowStart: { forMs: 5_000, factor: 10 } },
    });
    // Wished for at 10 s and ready at 20 s: until 25 s its 2 ms are 20 ms.
    const late = told.records.filter(({ intendedMs }) => intendedMs > 20_000);
    const took = late.map(({ endMs, intendedMs }) => Math.round(endMs - intendedMs));
    expect(took.slice(0, 4)).toEqual([30, 30, 30, 30]);
    expect(took.slice(-3)).toEqual([12, 12, 12]);
  });
});

describe("health checks", () => {
  const story: Story = {
    start: 2,
    requests: everyMs(100, 60_000),
    events: [[10_000, { kind: "broken", replicas: 1 }]],
  };
  const health = { everyMs: 5_000, timeoutMs: 1_000, unhealthy: 2, healthy: 1 } as const;

  it("of the process see nothing wrong with a replica that reaches no model", () => {
    const told = tell({ ...story, fleet: { health: { ...health, probe: "http" } } });
    // Every other request from 10 s on.
    expect(outcomes(told)).toEqual({ ok: 350, "no-upstream": 250 });
    expect(told.replicas?.tally).toMatchObject({ probes: 22, probesFailed: 0, ejected: 0 });
  });

  it("that reach a model take it out after the second failure, and in again when it is mended", () => {
    const told = tell({
      ...story,
      events: [[10_001, { kind: "broken", replicas: 1 }, 30_000]],
      fleet: { health: { ...health, probe: "model" } },
    });
    // Probes fail at 15 and 20 s: every other request of 10 to 20 s is lost. Mended at 40.001 s, back at 45 s.
    expect(outcomes(told)["no-upstream"]).toBe(50);
    const judged = told.events.filter(({ kind }) => kind.startsWith("replica-"));
    expect(judged.map(({ atMs, kind, subject }) => [atMs, kind, subject])).toEqual([
      [20_000, "replica-sick", "gateway-1"],
      [45_000, "replica-well", "gateway-1"],
    ]);
  });

  it("do not empty a fleet whose provider is down: all of it serves", () => {
    const told = tell({
      start: 2,
      requests: everyMs(1_000, 30_000),
      scripts: [{ kind: "status", status: 503, afterMs: 10 }],
      fleet: { health: { ...health, probe: "model" } },
    });
    expect(told.replicas?.tally?.ejected).toBe(2);
    expect(told.records).toHaveLength(30);
    expect(new Set(told.records.map(({ status }) => status))).toEqual(new Set([503]));
  });
});

describe("affinity", () => {
  const talk = (sessions: number, turns: number): PlannedRequest[] =>
    Array.from({ length: sessions * turns }, (_, index) => {
      const [session, turn] = [index % sessions, Math.floor(index / sessions)];
      return request(`s${session}.t${turn}`, { session: `s${session}`, turn, atMs: index * 100 });
    });

  it("keeps the turns of conversations together, which taking turns does not", () => {
    const lost = (balance: FleetSpec["balance"]): number =>
      tell({ start: 3, requests: talk(20, 4), fleet: { balance, countsContexts: true } }).replicas?.tally
        ?.lostContexts ?? 0;
    expect(lost("consistent-hash")).toBe(0);
    expect(lost("round-robin")).toBe(60); // 20 conversations and 3 replicas: each turn is dealt to the next but one
  });

  it("loses the contexts of a replica that goes, and no others", () => {
    const told = tell({
      start: 3,
      requests: talk(60, 3),
      fleet: { balance: "consistent-hash", countsContexts: true },
      events: [[6_000, { kind: "scale", replicas: 2 }]],
    });
    // All 60 have had their first turn by then; about a third lived on the replica that goes.
    expect(told.replicas?.tally?.lostContexts).toBeGreaterThan(10);
    expect(told.replicas?.tally?.lostContexts).toBeLessThan(30);
  });
});

describe("priority", () => {
  it("lets a more important tenant pass in the waiting room, and interrupts nobody", () => {
    const at = (atMs: number, tenant: string): PlannedRequest => request(`${tenant}${atMs}`, { atMs, tenant });
    const told = tell({
      start: 1,
      requests: [at(0, "batch"), at(1, "batch"), at(2, "chat")],
      scripts: [{ kind: "answer", chunksAtMs: [1_000] }],
      fleet: { concurrency: 1, priorities: ["chat"] },
    });
    const ends = new Map(told.records.map(({ key, endMs }) => [key, endMs]));
    expect([ends.get("batch0"), ends.get("chat2"), ends.get("batch1")]).toEqual([1_002, 2_004, 3_006]);
  });
});
