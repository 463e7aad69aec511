import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TraceRows } from "../../../behavior/traffic/trace.ts";
import { buildWorkload } from "../../../behavior/traffic/workload-builder.ts";
import type { PlannedRequest } from "../../../behavior/workload.ts";
import type { Traffic } from "../../../core/scenario/traffic-spec.ts";
import { chat, first, phaseOf, requestsOf, scenarioOf, tenPeople } from "./made-scenario.ts";

const halfMinute: Traffic["load"] = {
  kind: "open",
  segments: [{ forMs: 30_000, fromPerMs: 0.05, toPerMs: 0.05, process: "poisson" }],
};

const replay: Traffic["load"] = { kind: "trace", format: "azure", file: undefined };

const rows: TraceRows = {
  count: 4,
  atMs: Float64Array.of(0, 1_500, 1_500, 9_000),
  inputTokens: Uint32Array.of(10, 20, 30, 40),
  outputTokens: Uint32Array.of(1, 2, 3, 4),
  prefixBlocks: new Uint32Array(4),
};

function loadOf(traffic: Partial<Traffic>, seed?: number): readonly PlannedRequest[] {
  return requestsOf(phaseOf(buildWorkload(scenarioOf(traffic, seed)), "load"));
}

const twoShapes = [
  { ...chat, share: 0.8 },
  { ...chat, share: 0.2, model: "gpt-4o", stream: false, cachedShare: 0.5 },
];

describe("a workload", () => {
  it.each([
    ["open", halfMinute],
    ["closed", tenPeople],
  ] as const)("is the same for the same seed however often it is played, and another for another: %s", (_, load) => {
    const phase = phaseOf(buildWorkload(scenarioOf({ load })), "load");
    expect(requestsOf(phase)).toEqual(requestsOf(phase));
    expect(loadOf({ load })).toEqual(requestsOf(phase));
    expect(loadOf({ load }, 8)).not.toEqual(requestsOf(phase));
  });

  it.each([
    ["open", halfMinute],
    ["closed", tenPeople],
  ] as const)("changes nothing but tenants when tenants are named: %s", (_, load) => {
    const tenants = [
      { name: "web", share: 0.6 },
      { name: "mobile", share: 0.4 },
    ];
    const [alone, shared] = [loadOf({ load }), loadOf({ load, tenants })];
    expect(new Set(shared.map((request) => request.tenant)).size).toBe(2);
    expect(shared.map((request) => ({ ...request, tenant: "default" }))).toEqual(alone);
  });

  it("takes traffic on top of the rest, in order of time, and leaves the rest as it was", () => {
    const extra = {
      atMs: 10_000,
      forMs: 10_000,
      perMs: 0.2,
      tenant: "batch",
      model: "gpt-4o",
      input: { kind: "constant", value: 9_000 },
      output: undefined,
      stream: undefined,
    } as const;
    const alone = loadOf({ load: halfMinute });
    const both = loadOf({ load: halfMinute, extra: [extra] });
    const added = both.filter(({ tenant }) => tenant === "batch");
    expect(both.filter(({ tenant }) => tenant !== "batch")).toEqual(alone);
    expect(both.map(({ atMs }) => atMs)).toEqual(both.map(({ atMs }) => atMs).toSorted((left, right) => left - right));
    expect(added.length).toBeGreaterThan(1_800);
    expect(added.at(0)).toMatchObject({ key: "x0.0", model: "gpt-4o", inputTokens: 9_000, stream: true });
    expect(added.every(({ atMs }) => atMs >= 10_000 && atMs < 20_000)).toBe(true);
  });

  const leave = (share: number): Traffic["client"] => ({
    timeoutMs: 30_000,
    leave: { share, after: { kind: "exponential", mean: 2_000 } },
  });

  it.each([
    ["open", halfMinute],
    ["closed", tenPeople],
  ] as const)("changes nothing else when clients leave, and keeps those who left when more do: %s", (_, load) => {
    const [nobody, some, more] = [
      loadOf({ load }),
      loadOf({ load, client: leave(0.3) }),
      loadOf({ load, client: leave(0.6) }),
    ];
    expect(some.map((request) => ({ ...request, leaveAfterMs: undefined }))).toEqual(nobody);
    const left = some.filter((request) => request.leaveAfterMs !== undefined);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(some.length);
    expect(more).toEqual(expect.arrayContaining(left));
    expect(more.filter((request) => request.leaveAfterMs !== undefined).length).toBeGreaterThan(left.length);
  });

  it("lets as many clients leave as the share says, after the times that it says", () => {
    const many: Traffic["load"] = {
      kind: "open",
      segments: [{ forMs: 10_000, fromPerMs: 1, toPerMs: 1, process: "constant" }],
    };
    const times = loadOf({ load: many, client: leave(0.25) }).flatMap((request) => request.leaveAfterMs ?? []);
    // 4 standard errors: of a binomial share at n = 10,000, and of an exponential mean at n = 2,500.
    expect(Math.abs(times.length / 10_000 - 0.25)).toBeLessThan(0.018);
    expect(Math.abs(times.reduce((sum, each) => sum + each, 0) / times.length - 2_000)).toBeLessThan(170);
  });

  it("lets the same clients of a trace leave in every window of it", () => {
    const scenario = scenarioOf({ load: replay, client: leave(0.5) });
    const byKey = (windowMs: readonly [number, number]): ReadonlyMap<string, number | undefined> =>
      new Map(
        requestsOf(phaseOf(buildWorkload(scenario, { trace: rows, windowMs }), "load")).map((request) => [
          request.key,
          request.leaveAfterMs,
        ]),
      );
    const whole = byKey([0, 10_000]);
    expect(new Set([...whole.values()].map((afterMs) => afterMs === undefined)).size).toBe(2);
    for (const [key, afterMs] of byKey([1_000, 10_000])) expect(whole.get(key)).toBe(afterMs);
  });

  it("changes nothing but answers when answers get longer", () => {
    const longer = loadOf({ load: halfMinute, requests: [{ ...chat, output: { kind: "exponential", mean: 900 } }] });
    const before = loadOf({ load: halfMinute });
    expect(longer.map(({ inputTokens, atMs }) => [inputTokens, atMs])).toEqual(
      before.map(({ inputTokens, atMs }) => [inputTokens, atMs]),
    );
    expect(longer.map((request) => request.outputTokens)).not.toEqual(before.map((request) => request.outputTokens));
  });

  it("asks for the same, only sooner, when the rate rises", () => {
    const faster: Traffic["load"] = {
      kind: "open",
      segments: [{ forMs: 30_000, fromPerMs: 0.1, toPerMs: 0.1, process: "poisson" }],
    };
    const [slow, fast] = [loadOf({ load: halfMinute }), loadOf({ load: faster })];
    slow.forEach((request, index) => expect({ ...fast[index], atMs: request.atMs }).toEqual(request));
  });

  it("draws kinds of requests and tenants by their shares", () => {
    const tenants = [
      { name: "web", share: 0.7 },
      { name: "mobile", share: 0.2 },
      { name: "partner", share: 0.1 },
    ];
    const many: Traffic["load"] = {
      kind: "open",
      segments: [{ forMs: 10_000, fromPerMs: 1, toPerMs: 1, process: "constant" }],
    };
    const requests = loadOf({ load: many, requests: twoShapes, tenants });
    const share = (of: (request: PlannedRequest) => boolean): number => requests.filter(of).length / requests.length;
    expect(requests).toHaveLength(10_000);
    expect(Math.abs(share((request) => request.model === "gpt-4o") - 0.2)).toBeLessThan(0.016);
    expect(Math.abs(share((request) => request.tenant === "web") - 0.7)).toBeLessThan(0.019);
    expect(Math.abs(share((request) => request.tenant === "mobile") - 0.2)).toBeLessThan(0.016);
    const other = requests.find((request) => request.model === "gpt-4o");
    expect(other?.stream).toBe(false);
    expect(other?.cachedTokens).toBe(Math.floor((other?.inputTokens ?? 0) / 2));
  });

  it.each([
    ["not sent", undefined, () => undefined],
    ["a number", 256, () => 256],
    ["the length of the answer", "output", (request: PlannedRequest) => request.outputTokens],
  ] as const)("sends max_tokens as the scenario says: %s", (_, maxTokens, expected) => {
    const [request] = loadOf({ load: halfMinute, requests: [{ ...chat, maxTokens }] });
    expect(request?.maxOutputTokens).toBe(request === undefined ? Number.NaN : expected(request));
  });

  it("holds whole tokens, at least one and never beyond the bound, for any distribution", () => {
    const spread = fc.oneof(
      fc.record({
        kind: fc.constant("lognormal" as const),
        median: fc.double({ min: 0.01, max: 1e7, noNaN: true }),
        sigma: fc.double({ min: 0, max: 4, noNaN: true }),
      }),
      fc.record({ kind: fc.constant("constant" as const), value: fc.double({ min: 0, max: 1e9, noNaN: true }) }),
    );
    fc.assert(
      fc.property(spread, (input) => {
        for (const { inputTokens } of loadOf({ load: halfMinute, requests: [{ ...chat, input }] }).slice(0, 50)) {
          expect(Number.isInteger(inputTokens) && inputTokens >= 1 && inputTokens <= 10_000_000).toBe(true);
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it("warms up first, one request after the other, without touching what is judged", () => {
    const workload = buildWorkload(scenarioOf({ warmupRequests: 3 }));
    expect(workload.phases.map((phase) => phase.name)).toEqual(["warmup", "baseline", "load"]);
    const [warmup] = workload.phases;
    expect(warmup).toMatchObject({ kind: "closed", users: 1, durationMs: undefined });
    expect(requestsOf(warmup).map((request) => [request.key, request.thinkMs])).toEqual([
      ["w0", 0],
      ["w1", 0],
      ["w2", 0],
    ]);
    expect(requestsOf(phaseOf(workload, "load"))).toEqual(loadOf({}));
  });

  it("makes a day of requests one at a time", () => {
    const day: Traffic["load"] = {
      kind: "open",
      segments: [{ forMs: 86_400_000, fromPerMs: 0.1, toPerMs: 0.1, process: "poisson" }],
    };
    const phase = phaseOf(buildWorkload(scenarioOf({ load: day })), "load");
    if (phase?.kind !== "open") throw new Error("no open phase");
    expect(first(phase.arrivals(), 3).map((request) => request.key)).toEqual(["a0", "a1", "a2"]);
  });
});

describe("a replayed trace", () => {
  const workload = buildWorkload(scenarioOf({ load: replay, warmupRequests: 5 }), { trace: rows });

  it("sends every row on its own instant with its own lengths", () => {
    const requests = requestsOf(phaseOf(workload, "load"));
    expect(requests.map(({ key, atMs, inputTokens, outputTokens }) => [key, atMs, inputTokens, outputTokens])).toEqual([
      ["r0", 0, 10, 1],
      ["r1", 1_500, 20, 2],
      ["r2", 1_500, 30, 3],
      ["r3", 9_000, 40, 4],
    ]);
    expect(phaseOf(workload, "load")?.durationMs).toBe(9_000);
  });

  it("warms up with the lengths of its first rows, over again if they are too few", () => {
    const lengths = requestsOf(phaseOf(workload, "warmup")).map(({ key, inputTokens, atMs }) => [
      key,
      inputTokens,
      atMs,
    ]);
    expect(lengths).toEqual([
      ["w0", 10, 0],
      ["w1", 20, 0],
      ["w2", 30, 0],
      ["w3", 40, 0],
      ["w4", 10, 0],
    ]);
  });

  it.each([
    {
      why: "from an instant on, that instant included",
      windowMs: [1_500, 9_000],
      keys: ["r1", "r2"],
      durationMs: 7_500,
    },
    { why: "up to an instant, that instant excluded", windowMs: [0, 1_500], keys: ["r0"], durationMs: 1_500 },
    { why: "beyond the end", windowMs: [1_501, 60_000], keys: ["r3"], durationMs: 7_499 },
  ] as const)("can be cut to a window $why, which then starts at 0", ({ windowMs, keys, durationMs }) => {
    const phase = phaseOf(buildWorkload(scenarioOf({ load: replay }), { trace: rows, windowMs }), "load");
    const requests = requestsOf(phase);
    expect(requests.map((request) => request.key)).toEqual(keys);
    const whole = new Map(requestsOf(phaseOf(workload, "load")).map((request) => [request.key, request]));
    for (const request of requests) {
      expect({ ...request, atMs: request.atMs + windowMs[0] }).toEqual(whole.get(request.key));
    }
    expect(phase?.durationMs).toBe(durationMs);
  });

  it("gives a row the same tenant in every window, and each row its own", () => {
    const tenants = Array.from({ length: 1_000 }, (_, index) => ({ name: `tenant-${index}`, share: 1 / 1_000 }));
    const tenantsIn = (windowMs: readonly [number, number]): readonly string[] =>
      requestsOf(phaseOf(buildWorkload(scenarioOf({ load: replay, tenants }), { trace: rows, windowMs }), "load")).map(
        (request) => request.tenant,
      );
    const all = tenantsIn([0, 9_001]);
    expect(tenantsIn([8_000, 9_001])).toEqual(all.slice(3));
    expect(new Set(all).size).toBe(4);
  });

  it.each([
    { why: "no trace is given", load: replay, options: {}, code: "trace-missing" },
    { why: "a trace is given to made traffic", load: tenPeople, options: { trace: rows }, code: "trace-unused" },
    {
      why: "a window is cut from made traffic",
      load: tenPeople,
      options: { windowMs: [0, 1] as const },
      code: "trace-unused",
    },
    {
      why: "the window is empty",
      load: replay,
      options: { trace: rows, windowMs: [2_000, 3_000] as const },
      code: "trace-window-empty",
    },
    {
      why: "the window is past the end",
      load: replay,
      options: { trace: rows, windowMs: [60_000, 70_000] as const },
      code: "trace-window-empty",
    },
  ])("is refused in words when $why", ({ load, options, code }) => {
    expect(() => buildWorkload(scenarioOf({ load }), options)).toThrow(expect.objectContaining({ code, exitCode: 3 }));
  });
});
