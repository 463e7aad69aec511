import { describe, expect, it } from "vitest";
import type { FleetSpec } from "../../core/scenario/platform-spec.ts";
import type { PlannedRequest } from "../../behavior/workload.ts";
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

/** Costs 2 ms of CPU for each request, at its start. */
const gateway = gatewayOf({ requestCpuMs: 2 });

const answerAt5s: Script = { kind: "answer", chunksAtMs: [5_000] };

interface Story {
  readonly start: number;
  readonly requests: readonly PlannedRequest[];
  readonly scripts?: readonly Script[];
  readonly fleet?: Partial<FleetSpec>;
  /** Asked every 10 s. */
  readonly wishes?: readonly number[];
  readonly timeoutMs?: number;
}

function tell({ start, requests, scripts, fleet, wishes, timeoutMs }: Story): Play {
  return play([openPhase(requests)], [scriptedProvider("p", scripts ?? [answerAt10])], gateway, {
    platform: { replicas: start, fleet: fleetOf(fleet) },
    ...(wishes === undefined ? {} : { scaling: scriptedPolicy(10_000, wishes) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

/** `wished starting ready draining` after each change. */
function counts(told: Play): readonly (readonly number[])[] {
  return (told.replicas?.counts ?? []).map(({ atMs, wished, starting, ready, draining }) => {
    return [atMs, wished, starting, ready, draining];
  });
}

/** Requests that each replica served: all of them are alike, and each is so many pieces of work. */
function served({ records, statistics }: Play): readonly number[] {
  const jobs = statistics.replicas.reduce((sum, replica) => sum + replica.jobs, 0);
  return statistics.replicas.map((replica) => (replica.jobs * records.length) / jobs);
}

describe("replicas that are wished for", () => {
  const told = tell({ start: 1, requests: everyMs(1_000, 40_000), wishes: [3] });

  it("start, wait for their probes, and serve", () => {
    expect(counts(told)).toEqual([
      [0, 1, 0, 1, 0],
      [10_000, 3, 2, 1, 0], // wished for at the first question
      [30_000, 3, 2, 1, 0], // 20 s later their processes run
      [35_000, 3, 0, 3, 0], // and 5 s after that they are ready
    ]);
    expect(told.events).toEqual([
      { atMs: 10_000, kind: "scale", subject: "gateway", text: "script: 1 -> 3" },
      { atMs: 35_000, kind: "replica-ready", subject: "gateway-1", text: "serves 25 s after it was wished for" },
      { atMs: 35_000, kind: "replica-ready", subject: "gateway-2", text: "serves 25 s after it was wished for" },
    ]);
  });

  it("get no request before they are ready", () => {
    // The request of 35 s comes when they are, and finds the first in turn.
    expect(served(told)).toEqual([37, 1, 2]);
  });

  it("are there at once where starting takes no time", () => {
    const at = tell({
      start: 1,
      requests: everyMs(1_000, 12_000),
      wishes: [2],
      fleet: { startup: { kind: "constant", value: 0 }, readinessMs: 0 },
    });
    expect(counts(at)).toEqual([
      [0, 1, 0, 1, 0],
      [10_000, 2, 0, 2, 0],
    ]);
  });

  it("take as long to start under every policy with the same seed", () => {
    const startup = { kind: "lognormal", median: 5_000, sigma: 0.5 } as const;
    const readyAfter = (wishes: readonly number[], syncs: number): readonly string[] =>
      tell({ start: 1, requests: everyMs(1_000, syncs * 60_000), wishes, fleet: { startup } })
        .events.filter(({ kind }) => kind === "replica-ready")
        .map(({ subject, text }) => `${subject} ${text}`)
        .toSorted();
    expect(readyAfter([4], 1)).toEqual(readyAfter([2, 3, 4], 2));
  });
});

describe("replicas that are no longer wished for", () => {
  it("get no more requests, finish those they have, and are gone", () => {
    // In turn: requests of 0, 2, ... go to the older replica, those of 1, 3, ... to the newer, which keeps that of 9 s.
    const told = tell({ start: 2, requests: everyMs(1_000, 20_000), scripts: [answerAt5s], wishes: [1] });
    expect(counts(told)).toEqual([
      [0, 2, 0, 2, 0],
      [10_000, 1, 0, 1, 1],
      [14_002, 1, 0, 1, 0], // 9 s, 2 ms of CPU, 5 s
    ]);
    expect(told.events.at(-1)).toEqual({
      atMs: 14_002,
      kind: "replica-gone",
      subject: "gateway-1",
      text: "finished its last request 4 s after it got no more",
    });
    expect(told.records.every(({ outcome }) => outcome === "ok")).toBe(true);
    expect(served(told)).toEqual([15, 5]);
  });

  it("are gone at once when they have nothing to finish", () => {
    const told = tell({ start: 2, requests: everyMs(1_000, 20_000), wishes: [1] });
    expect(counts(told)).toEqual([
      [0, 2, 0, 2, 0],
      [10_000, 1, 0, 1, 0],
    ]);
    expect(told.events.at(-1)?.text).toBe("had no request to finish");
  });

  it("are those that do not serve yet, and of those that do the newest", () => {
    const told = tell({ start: 2, requests: everyMs(1_000, 60_000), wishes: [4, 2, 1] });
    expect(told.events.map(({ kind, subject, text }) => [kind, subject, text])).toEqual([
      ["scale", "gateway", "script: 2 -> 4"],
      ["scale", "gateway", "script: 4 -> 2"],
      ["replica-gone", "gateway-3", "was taken back before it served"],
      ["replica-gone", "gateway-2", "was taken back before it served"],
      ["scale", "gateway", "script: 2 -> 1"],
      ["replica-gone", "gateway-1", "had no request to finish"],
    ]);
  });

  it("do not come back: new ones start instead", () => {
    const told = tell({
      start: 2,
      requests: everyMs(1_000, 40_000),
      scripts: [{ kind: "answer", chunksAtMs: [25_000] }],
      wishes: [1, 2],
    });
    expect(counts(told).slice(0, 3)).toEqual([
      [0, 2, 0, 2, 0],
      [10_000, 1, 0, 1, 1],
      [20_000, 2, 1, 1, 1],
    ]);
    expect(told.events.find(({ kind }) => kind === "replica-ready")?.subject).toBe("gateway-2");
  });
});

describe("a replica with room for so many requests", () => {
  it("lets the others wait in the order in which they came", () => {
    const requests = [0, 1, 2].map((atMs) => request(`r${atMs}`, { atMs }));
    const { records } = tell({ start: 1, requests, fleet: { concurrency: 1 } });
    // Each takes 2 ms of CPU and 10 ms at the provider.
    expect(records.map(({ key, endMs }) => [key, endMs])).toEqual([
      ["r0", 12],
      ["r1", 24],
      ["r2", 36],
    ]);
  });

  it("calls the next in line when a place falls free", () => {
    const requests = [0, 1, 5].map((atMs) => request(`r${atMs}`, { atMs }));
    const scripts: readonly Script[] = [{ kind: "answer", chunksAtMs: [28] }, answerAt10];
    const { records } = tell({ start: 1, requests, scripts, fleet: { concurrency: 1 }, timeoutMs: 38 });
    const told = records.map(({ key, endMs, outcome, upstreamCalls }) => [key, endMs, outcome, upstreamCalls]);
    expect(told).toEqual([
      ["r0", 30, "ok", 1],
      ["r1", 39, "timeout", 1], // called at 30, so not answered before 42
      ["r5", 43, "timeout", 1], // called at 42, when the provider was done with r1
    ]);
  });

  it("keeps a place taken while a call goes on for a client who has left, and never calls whoever has given up", () => {
    const requests = [0, 1, 80].map((atMs) => request(`r${atMs}`, { atMs }));
    const scripts: readonly Script[] = [{ kind: "answer", chunksAtMs: [100] }, answerAt10];
    const { records } = tell({ start: 1, requests, scripts, fleet: { concurrency: 1 }, timeoutMs: 50 });
    expect(records.map(({ key, endMs, outcome, upstreamCalls }) => [key, endMs, outcome, upstreamCalls])).toEqual([
      ["r1", 51, "timeout", 0],
      ["r0", 50, "timeout", 1], // written down when the provider was done, at 102
      ["r80", 114, "ok", 1],
    ]);
  });

  it("keeps the order of a line of thousands, with those in it who give up", () => {
    // A place for one, 3 ms for each, and three come in that time; whoever has not been called after 1 s leaves.
    const requests = Array.from({ length: 6_000 }, (_, index) => request(`r${index}`, { atMs: index }));
    const told = tell({
      start: 1,
      requests,
      scripts: [{ kind: "answer", chunksAtMs: [1] }],
      fleet: { concurrency: 1 },
      timeoutMs: 1_000,
    });
    const called = told.records.filter(({ upstreamCalls }) => upstreamCalls > 0).map(({ intendedMs }) => intendedMs);
    expect(called.length).toBeGreaterThan(2_000);
    expect(called).toEqual(called.toSorted((left, right) => left - right));
    expect(
      told.records.filter(({ upstreamCalls }) => upstreamCalls === 0).every(({ outcome }) => outcome === "timeout"),
    ).toBe(true);
  });

  it("is not tried while another has room", () => {
    const requests = [0, 1, 2].map((atMs) => request(`r${atMs}`, { atMs }));
    const scripts: readonly Script[] = [answerAt5s, answerAt10];
    const told = tell({ start: 2, requests, scripts, fleet: { concurrency: 1 } });
    // r0 holds the first replica for 5 s; r1 and r2 take turns on the second.
    expect(told.records.map(({ key, endMs }) => [key, endMs])).toEqual([
      ["r1", 13],
      ["r2", 25],
      ["r0", 5_002],
    ]);
  });
});

describe("a fleet without a replica", () => {
  it("lets requests wait until one is ready", () => {
    const told = tell({ start: 0, requests: [request("r0", { atMs: 3_000 })], wishes: [1] });
    expect(told.records).toMatchObject([{ key: "r0", endMs: 35_012, outcome: "ok" }]);
  });
});

describe("the balancer that counts connections", () => {
  it("gives a request to whoever has the fewest in flight, and of equals to the next in turn", () => {
    const requests = [0, 1_000, 2_000, 3_000].map((atMs) => request(`r${atMs}`, { atMs }));
    const scripts: readonly Script[] = [answerAt5s, answerAt10];
    const counting = tell({ start: 2, requests, scripts, fleet: { balance: "least-connections" } });
    const inTurn = tell({ start: 2, requests, scripts });
    // The first is busy with r0 for 5 s: all others go to the second.
    expect(served(counting)).toEqual([1, 3]);
    expect(served(inTurn)).toEqual([2, 2]);
    const even = tell({ start: 3, requests: everyMs(1_000, 6_000), fleet: { balance: "least-connections" } });
    expect(served(even)).toEqual([2, 2, 2]);
  });
});

describe("a run with a fleet", () => {
  it("ends when its last client is done, whatever still starts or would be asked", () => {
    const told = tell({ start: 1, requests: everyMs(1_000, 12_000), wishes: [5] });
    expect(told.durationMs).toBe(11_012);
    expect(told.events.map(({ kind }) => kind)).toEqual(["scale"]);
    expect(told.replicas?.demand.at(-1)).toMatchObject({ startMs: 10_000, widthMs: 5_000, arrived: 2 });
  });

  it("writes nothing down where a scenario only says how many replicas there are", () => {
    const told = play([openPhase([request("r0")])], [scriptedProvider("p", [answerAt10])], gateway);
    expect(told.replicas).toBeUndefined();
    expect(told.events).toEqual([]);
  });
});
