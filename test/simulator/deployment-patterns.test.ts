/** Functions, queues, links, overflow and regions: timelines worked out by hand. */
import { describe, expect, it } from "vitest";
import type { DeploymentSpec, QueueSpec, ServerlessSpec } from "../../core/scenario/deployment-spec.ts";
import type { TimedAction } from "../../core/scenario/event-spec.ts";
import type { FleetSpec, PlatformSpec } from "../../core/scenario/platform-spec.ts";
import type { PlannedRequest } from "../../behavior/workload.ts";
import { gatewayOf, openPhase, type Play, play, request, type Script, scriptedProvider } from "./scripted-platform.ts";
import { everyMs, fleetOf } from "./scripted-scaling.ts";

const answerAt5s: Script = { kind: "answer", chunksAtMs: [5_000] };

interface Story {
  readonly requests: readonly PlannedRequest[];
  readonly start?: number;
  readonly scripts?: readonly Script[];
  readonly fleet?: Partial<FleetSpec>;
  readonly platform?: Partial<PlatformSpec>;
  readonly timeoutMs?: number;
  readonly events?: readonly TimedAction[];
}

function tell({ requests, start = 1, scripts, fleet, platform, timeoutMs, events }: Story): Play {
  const providers = [scriptedProvider("p", scripts ?? [answerAt5s])];
  return play([openPhase(requests)], providers, gatewayOf(), {
    platform: { replicas: start, fleet: fleetOf(fleet), ...platform },
    ...(events === undefined ? {} : { events }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

/** `[intended, end, outcome or reason]`, in order of intent. */
function ends({ records }: Play): readonly (readonly [number, number, string])[] {
  return records
    .map(({ intendedMs, endMs, outcome, reason }) => [intendedMs, endMs, reason === "" ? outcome : reason] as const)
    .toSorted((left, right) => left[0] - right[0]);
}

describe("serverless", () => {
  const functions: ServerlessSpec = {
    kind: "serverless",
    coldStart: { kind: "constant", value: 1_000 },
    concurrency: 1,
    instancesMax: 2,
    limitMs: 60_000,
    idleMs: 10_000,
    memoryGb: 2,
    gbHourly: 60_000_000,
    perMillion: 200_000_000,
  };
  const at = (instants: readonly number[], spec: Partial<ServerlessSpec> = {}, more: Partial<Story> = {}): Play =>
    tell({
      requests: instants.map((atMs, index) => request(`r${index}`, { atMs })),
      fleet: { deployment: { ...functions, ...spec } satisfies DeploymentSpec },
      ...more,
    });

  it("starts an instance for a request that finds none, and serves the next one warm", () => {
    const told = at([0, 7_000]);
    expect(ends(told)).toEqual([
      [0, 6_000, "ok"], // 1 s of cold start, 5 s of answer
      [7_000, 12_000, "ok"],
    ]);
    expect(told.replicas?.tally?.coldStarts).toBe(1);
  });

  it("refuses with 429 what the account has no instance for", () => {
    const told = at([0, 100, 200]);
    expect(ends(told)).toEqual([
      [0, 6_000, "ok"],
      [100, 6_100, "ok"],
      [200, 200, "too-many-instances"],
    ]);
    expect(told.replicas?.tally?.turnedAway).toBe(1);
  });

  it("takes an idle instance away, and starts cold again", () => {
    const told = at([0, 17_000]); // idle from 6 to 16 s
    expect(ends(told)[1]).toEqual([17_000, 23_000, "ok"]);
    expect(told.replicas?.counts.map(({ atMs, starting, ready }) => [atMs, starting, ready])).toEqual([
      [0, 1, 0],
      [1_000, 0, 1],
      [16_000, 0, 0],
      [17_000, 1, 0],
      [18_000, 0, 1],
    ]);
  });

  it("breaks off a request at the time limit of a function", () => {
    const told = at([0], { limitMs: 3_000 });
    expect(ends(told)).toEqual([[0, 4_000, "function-time-limit"]]);
    expect(told.records[0]?.status).toBe(504);
    expect(told.replicas?.tally?.cutOff).toBe(1);
  });

  it("serves as many at a time on one instance as it may", () => {
    expect(at([0, 100, 200, 300], { concurrency: 2 }).replicas?.tally?.coldStarts).toBe(2);
  });

  it("charges the time that requests ran, and each request", () => {
    // 2 requests, 5 s each, 2 GB: 20 GB-seconds at $0.06 an hour, and two millionths of $0.20.
    const { usage } = at([0, 7_000]).replicas ?? {};
    expect(usage).toEqual({ gbSeconds: 20, requests: 2, cost: Math.round((20 / 3_600) * 60_000_000 + 400) });
  });

  it("lets a client give up while an instance starts", () => {
    const told = at([0, 2_000], {}, { timeoutMs: 500 });
    expect(ends(told)).toEqual([
      [0, 500, "client-timeout"],
      [2_000, 2_500, "client-timeout"], // warm, and the answer takes 5 s
    ]);
  });
});

describe("a queue", () => {
  const queue: QueueSpec = { kind: "queue", waitingMax: 2, visibilityMs: 60_000, deliveriesMax: 2 };
  const story = (spec: Partial<QueueSpec>, more: Partial<Story> = {}): Play =>
    tell({
      requests: everyMs(100, 400),
      fleet: { concurrency: 1, deployment: { ...queue, ...spec } satisfies DeploymentSpec },
      ...more,
    });

  it("lets requests wait for a worker, and refuses more than it may hold", () => {
    const told = story({});
    expect(ends(told)).toEqual([
      [0, 5_000, "ok"],
      [100, 10_000, "ok"],
      [200, 15_000, "ok"],
      [300, 300, "queue-full"],
    ]);
  });

  it("gives a message to a worker again when its time is up, and puts it away in the end", () => {
    const told = story({ visibilityMs: 3_000 }, { requests: everyMs(100, 100) });
    // Delivered at 0 and at 3 s; at 6 s it has had its two deliveries.
    expect(ends(told)).toEqual([[0, 6_000, "dead-letter"]]);
    expect(told.records[0]?.upstreamCalls).toBe(2);
    expect(told.replicas?.tally).toMatchObject({ redelivered: 1, deadLetters: 1 });
  });

  it("delivers the messages of a lost worker to another", () => {
    const scenario = {
      seed: 7,
      platform: {
        gateway: "scripted",
        replicas: 2,
        routes: [{ model: "m", providers: ["p"] }],
        retries: { max: 0, on: [] },
        fleet: fleetOf({ concurrency: 1, deployment: { ...queue, visibilityMs: 8_000 } }),
      },
      timeline: [],
      events: [
        { atMs: 1_000, forMs: undefined, action: { kind: "node-loss", replicas: 1, replacedAfterMs: 60_000 } as const },
      ],
    };
    const told = play([openPhase(everyMs(100, 100))], [scriptedProvider("p", [answerAt5s])], gatewayOf(), { scenario });
    expect(ends(told)).toEqual([[0, 13_000, "ok"]]); // visible again at 8 s
    expect(told.replicas?.tally).toMatchObject({ killed: 1, redelivered: 1, deadLetters: 0 });
  });
});

describe("a link", () => {
  const stream: Script = { kind: "answer", chunksAtMs: [1_000, 1_100, 1_200, 1_300, 1_400] };

  it("adds its round trip to every answer", () => {
    const links = [{ provider: "p", latencyMs: 40, bytesPerMs: undefined }];
    const told = tell({ requests: everyMs(10_000, 20_000), platform: { links } });
    expect(ends(told)).toEqual([
      [0, 5_040, "ok"],
      [10_000, 15_040, "ok"],
    ]);
  });

  it("makes streams slower when all of them need more than it has", () => {
    // A token every 100 ms for 4 gaps: 5 x 250 bytes in 400 ms, 3.125 bytes a millisecond. Of a line with as much, two get half.
    const links = [{ provider: "p", latencyMs: 0, bytesPerMs: 3.125 }];
    const one = request("r0", { outputTokens: 5, inputTokens: 1 });
    const told = tell({ requests: [one, { ...one, key: "r1" }], scripts: [stream], platform: { links } });
    const [first, second] = told.records;
    const flowMs = (record: typeof first): number => (record?.endMs ?? 0) - (record?.firstTokenMs ?? 0);
    expect(flowMs(first)).toBeCloseTo(400, 6);
    expect(flowMs(second)).toBeCloseTo(800, 6);
  });
});

describe("overflow", () => {
  it("goes to the next provider when so many calls are in flight at the first", () => {
    const own = scriptedProvider("own", [answerAt5s]);
    const cloud = scriptedProvider("cloud", [answerAt5s]);
    const told = play([openPhase(everyMs(1_000, 4_000))], [own, cloud], gatewayOf(), {
      platform: { fleet: fleetOf(), overflows: [{ provider: "own", inFlightMax: 2 }] },
    });
    expect(own.calls.map(({ atMs }) => atMs)).toEqual([0, 1_000]);
    expect(cloud.calls.map(({ atMs }) => atMs)).toEqual([2_000, 3_000]);
    expect(told.replicas?.tally?.overflowed).toBe(2);
  });
});

describe("a small model that escalates", () => {
  it("answers first, and what it is not sure of goes on to the next provider, paid twice", () => {
    const small = scriptedProvider("small", [{ kind: "answer", chunksAtMs: [1_000] }]);
    const cloud = scriptedProvider("cloud", [answerAt5s]);
    const told = play([openPhase(everyMs(1_000, 200_000))], [small, cloud], gatewayOf(), {
      platform: { fleet: fleetOf(), escalations: [{ provider: "small", share: 0.2 }] },
    });
    const escalated = told.records.filter(({ provider }) => provider === "cloud");
    expect(told.records.every(({ outcome }) => outcome === "ok")).toBe(true);
    expect(escalated.every((record) => record.endMs - record.intendedMs === 6_000)).toBe(true);
    expect(escalated.every(({ wastedTokens, upstreamCalls }) => wastedTokens === 1 && upstreamCalls === 2)).toBe(true);
    // A fifth of 200, with a standard deviation of 5.7.
    expect(Math.abs(escalated.length - 40)).toBeLessThan(23);
    expect(told.replicas?.tally?.escalated).toBe(escalated.length);
  });

  it("serves its answer with a warning when whoever should have answered in its place is down", () => {
    const small = scriptedProvider("small", [{ kind: "answer", chunksAtMs: [1_000] }]);
    const cloud = scriptedProvider("cloud", [{ kind: "status", status: 503, afterMs: 200 }]);
    const told = play([openPhase(everyMs(1_000, 20_000))], [small, cloud], gatewayOf(), {
      platform: { fleet: fleetOf(), escalations: [{ provider: "small", share: 1 }] },
    });
    for (const record of told.records) {
      expect(record).toMatchObject({ outcome: "ok", provider: "small", answeredFrom: "unsure", upstreamCalls: 2 });
      expect(record).toMatchObject({ outputTokens: 1, wastedTokens: 0 });
      expect(record.endMs - record.intendedMs).toBe(1_200);
    }
    expect(told.statistics.conservation).toMatchObject({ arrived: 20, inFlight: 0 });
  });

  it("keeps its answer where nobody comes after it", () => {
    const small = scriptedProvider("small", [{ kind: "answer", chunksAtMs: [1_000] }]);
    const told = play([openPhase(everyMs(1_000, 10_000))], [small], gatewayOf(), {
      platform: { fleet: fleetOf(), escalations: [{ provider: "small", share: 1 }] },
    });
    expect(told.records.map(({ outcome, provider }) => `${outcome} ${provider}`)).toEqual(
      told.records.map(() => "ok small"),
    );
  });
});

describe("regions", () => {
  const regions = [
    { name: "eu", clients: 1, replicas: 0.5, reachMs: { us: 80, p: 5 } },
    { name: "us", clients: 0, replicas: 0.5, reachMs: { p: 100 } },
  ];

  it("charge the way to the replica, and from there to the provider", () => {
    const told = tell({ start: 2, requests: everyMs(1_000, 2_000), fleet: { regions } });
    // In turn: the first replica is in eu, the second in us, and all clients in eu.
    expect(ends(told)).toEqual([
      [0, 5_005, "ok"],
      [1_000, 6_180, "ok"],
    ]);
  });

  it("take over from each other: clients of a region that is lost are served by the next, and by their own again", () => {
    const loss = { kind: "node-loss", replicas: 5, replacedAfterMs: 4_000, region: "eu" } as const;
    const told = tell({
      start: 2,
      requests: everyMs(2_000, 12_000),
      fleet: { regions, balance: "geographic", startup: { kind: "constant", value: 1_000 }, readinessMs: 0 },
      events: [{ atMs: 3_000, forMs: undefined, action: loss }],
    });
    expect(ends(told)).toEqual([
      [0, 3_000, "replica-gone"],
      [2_000, 3_000, "replica-gone"],
      [4_000, 9_180, "ok"], // served in us: 80 ms there, and 100 from there to p
      [6_000, 11_180, "ok"],
      [8_000, 13_005, "ok"], // noticed at 7 s, started in eu at 8
      [10_000, 15_005, "ok"],
    ]);
    expect(told.events.find(({ kind }) => kind === "action")?.text).toBe("1 replica lost in eu");
  });

  it("are crossed by a geographic balancer only when the nearest has no room", () => {
    const told = tell({
      start: 2,
      requests: everyMs(1_000, 3_000),
      fleet: { regions, balance: "geographic", concurrency: 1 },
    });
    expect(ends(told)).toEqual([
      [0, 5_005, "ok"],
      [1_000, 6_180, "ok"],
      [2_000, 10_010, "ok"], // waits for the place that falls free first, at 5.005 s
    ]);
  });
});
