import { describe, expect, it } from "vitest";
import { capFindings, capRefusals, amplificationOf } from "../../analyzers/caps.ts";
import { causeFindings, failuresByCause, slowestWaitedFor, withCauses } from "../../analyzers/causes.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { ReplicaAccount } from "../../core/run.ts";
import { madeRecord, madeRun, refused } from "./made-run.ts";

const timedOut = (spent: RequestRecord["spent"], overrides: Partial<RequestRecord> = {}): RequestRecord =>
  refused("r0", { outcome: "timeout", status: 0, reason: "client-timeout", spent: spent ?? {}, ...overrides });

describe("why requests failed", () => {
  it.each([
    ["budget", refused("r0", { reason: "budget-total", spent: { gateway: 1 } })],
    ["tenant-limit", refused("r0", { reason: "tenant-requests", spent: { gateway: 1 } })],
    ["gateway", refused("r0", { reason: "no-deployment", spent: { gateway: 1 } })],
    ["client", refused("r0", { outcome: "rejected", status: 400, reason: "context_length_exceeded", spent: {} })],
    ["provider", refused("r0", { upstreamCalls: 1, spent: { gateway: 20 } })],
    ["retry-storm", refused("r0", { upstreamCalls: 3, spent: { "back-off": 900 } })],
    ["provider", timedOut({ "first-token": 900, gateway: 100 })],
    ["gateway", timedOut({ "first-token": 100, gateway: 900 })],
    ["instance", timedOut({ instance: 900 })],
    ["link", timedOut({ network: 900 })],
    ["budget", timedOut({ "budget-queue": 900 })],
  ] as const)("is found: %s", (cause, record) => {
    expect(failuresByCause(madeRun([record]))).toEqual([{ cause, count: 1 }]);
  });

  it("is a cold start where instances were still starting", () => {
    const counts = [{ atMs: 0, wished: 2, starting: 1, ready: 1, draining: 0 }];
    const replicas: ReplicaAccount = { hourly: 0, startupMs: 0, counts, demand: [] };
    const run = madeRun([timedOut({ instance: 900 })], { replicas });
    expect(failuresByCause(run)).toEqual([{ cause: "cold-start", count: 1 }]);
  });

  it("is nobody's to say of a live run, nor of clients who left", () => {
    expect(causeFindings(madeRun([refused("r0"), madeRecord()]))).toEqual([]);
    expect(failuresByCause(madeRun([timedOut({ gateway: 1 }, { outcome: "aborted" })]))).toEqual([]);
  });
});

describe("what the slowest hundredth waited for", () => {
  it("adds up their time by part, and leaves the others out", () => {
    const fast = Array.from({ length: 198 }, (_, index) => madeRecord({ key: `f${index}`, spent: { gateway: 1_000 } }));
    const slow = [
      madeRecord({ key: "s0", endMs: 4_000, spent: { "first-token": 3_000, generation: 1_000 } }),
      madeRecord({ key: "s1", endMs: 6_000, spent: { "back-off": 6_000 } }),
    ];
    const waited = slowestWaitedFor(madeRun([...fast, ...slow]));
    expect(waited).toMatchObject({ fromMs: 4_000, requests: 2 });
    expect(waited?.parts.map(({ part, share }) => [part, share])).toEqual([
      ["back-off", 0.6],
      ["first-token", 0.3],
      ["generation", 0.1],
    ]);
  });
});

describe("the cause of a request", () => {
  it("stands in the records that failed or were slow, and in no others", () => {
    const fast = Array.from({ length: 98 }, (_, index) => madeRecord({ key: `f${index}`, spent: { gateway: 10 } }));
    const slow = madeRecord({ key: "slow", endMs: 9_000, spent: { "first-token": 9_000 } });
    const failed = timedOut({ instance: 900 }, { key: "failed" });
    const { records } = withCauses(madeRun([...fast, slow, failed]));
    expect(records.filter(({ cause }) => cause !== undefined).map(({ key, cause }) => [key, cause])).toEqual([
      ["slow", "provider"],
      ["failed", "instance"],
    ]);
  });

  it("is left out of a run that does not know it", () => {
    const run = madeRun([refused("r0"), madeRecord()]);
    expect(withCauses(run)).toBe(run);
  });
});

describe("what caps refused", () => {
  it("is told by tenant and cap, with what answering would have cost", () => {
    const refusals = [100, 5_000].map((intendedMs, index) =>
      refused(`b${index}`, { tenant: "t", reason: "budget-tenant", intendedMs, sentMs: intendedMs, upstreamCalls: 0 }),
    );
    const answered = [10, 30].map((cost, index) => madeRecord({ key: `a${index}`, cost, upstreamCalls: 1 }));
    const run = madeRun([...refusals, ...answered, refused("p0")]);
    expect(capRefusals(run)).toEqual([
      { tenant: "t", reason: "budget-tenant", requests: 2, worth: 40, firstMs: 100, lastMs: 5_000 },
    ]);
  });
});

describe("calls per request", () => {
  it("tell clients' tries, the gateway's retries and second calls apart", () => {
    const records = [
      madeRecord({ key: "a", upstreamCalls: 5, clientTries: 2, hedges: 1 }),
      madeRecord({ key: "b", upstreamCalls: 1 }),
      madeRecord({ key: "c", upstreamCalls: 0 }),
    ];
    expect(amplificationOf(madeRun(records))).toEqual({
      requests: 2,
      clientRetries: 1,
      resends: 0,
      gatewayRetries: 2,
      hedges: 1,
      callsPerRequest: 3,
    });
  });

  it("tell what people sent again by hand from what their clients' libraries tried", () => {
    const run = madeRun([madeRecord({ upstreamCalls: 4, clientTries: 4, resends: 1 })]);
    expect(amplificationOf(run)).toMatchObject({ clientRetries: 2, resends: 1, gatewayRetries: 0 });
    expect(capFindings(run)[0]?.detail).toContain("by people who sent again 1,");
    const byHandOnly = madeRun([madeRecord({ upstreamCalls: 2, clientTries: 2, resends: 1 })]);
    expect(capFindings(byHandOnly)).toMatchObject([{ id: "calls.per-request", measured: 2 }]);
  });

  it("are no news where nobody but the gateway repeated anything", () => {
    expect(capFindings(madeRun([madeRecord({ upstreamCalls: 3 })]))).toEqual([]);
  });
});

describe("what is beyond the gateway", () => {
  it.each([
    ["simulated", "simulated all the same"],
    ["live", "this run went without"],
  ] as const)("is said of a run that was %s", (kind, words) => {
    const [finding] = capFindings(madeRun([madeRecord()], { kind, beyondGateway: ["budgets"] }));
    expect(finding?.detail).toContain(`budgets; ${words}`);
  });
});

describe("the cache", () => {
  it("saves what the answers would have cost", () => {
    const paid = madeRecord({ key: "a", cost: 40, upstreamCalls: 1 });
    const kept = madeRecord({ key: "b", cost: 0, upstreamCalls: 0, answeredFrom: "cache" });
    const [finding] = capFindings(madeRun([paid, kept]));
    expect(finding).toMatchObject({
      id: "cache.hits",
      measured: 0.5,
      detail: expect.stringContaining("1 answer, 0 of them"),
    });
  });
});
