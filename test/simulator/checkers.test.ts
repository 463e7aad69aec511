/**
 * The checkers, from both sides: whatever providers do, a sound run passes them; whatever is planted, they find it.
 */
import { litellmProfile } from "../../behavior/gateway-profiles/litellm.ts";
import { tensorzeroProfile } from "../../behavior/gateway-profiles/tensorzero.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GatewayProfile } from "../../behavior/gateway-profile.ts";
import type { Provider } from "../../behavior/provider.ts";
import { InvariantError } from "../../core/invariant.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { ProviderLedger } from "../../core/run.ts";
import { Checkers } from "../../simulator/checkers.ts";
import {
  closedPhase,
  gatewayOf,
  openPhase,
  play,
  request,
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";

const seed = 7;

describe("a sound run", () => {
  it("passes, and every request ends once and in time, whatever providers, gateways and clients do", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(script(), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
        gateway(),
        fc.integer({ min: 1, max: 400 }),
        fc.record({ retries: fc.nat(2), replicas: fc.integer({ min: 1, max: 3 }), each: fc.boolean() }),
        (scripts, profile, timeoutMs, { retries, replicas, each }) => {
          const providers = scripts.map((calls, index) => scriptedProvider(`p${index}`, calls));
          const { records, statistics } = play(phases(), providers, profile, {
            timeoutMs,
            chunks: each ? "each" : "flow",
            platform: { retries: { max: retries, on: [429, 500] }, replicas },
          });
          expect(records.map((record) => `${record.phase} ${record.key}`).toSorted()).toEqual(requestsSent);
          for (const { intendedMs, endMs, firstTokenMs, outcome, outputTokens, chunks } of records) {
            if (outcome !== "ok") expect(outputTokens).toBe(chunks);
            expect(endMs - intendedMs).toBeLessThanOrEqual(timeoutMs + 0.001);
            expect(firstTokenMs ?? endMs).toBeLessThanOrEqual(endMs);
          }
          expect(statistics.conservation).toMatchObject({ arrived: requestsSent.length, inFlight: 0 });
        },
      ),
      { seed, numRuns: 400 },
    );
  });
});

describe("a provider that miscounts", () => {
  const whole: Script = { kind: "answer", chunksAtMs: [10, 20] };
  const run = (provider: Provider) => () => play(phases(), [provider], gatewayOf());

  it("is not suspected without cause", () => {
    expect(run(scriptedProvider("a", [whole]))).not.toThrow();
  });

  it.each([
    "calls",
    "served",
    "refused",
    "failed",
    "inputTokens",
    "cachedTokens",
    "outputTokens",
    "wastedTokens",
    "cost",
  ] as const)("is found out: one too few %s in the ledger", (field) => {
    const honest = scriptedProvider("a", [whole]);
    const ledger = (nowMs: number): ProviderLedger => {
      const counted = honest.ledger(nowMs);
      return { ...counted, [field]: counted[field] - 1 };
    };
    expect(run({ ...honest, ledger })).toThrow(`seed ${seed}, check "ledger": a:`);
  });

  it("is found out: a charge that is not in the ledger", () => {
    const honest = scriptedProvider("a", [whole]);
    const finish: Provider["finish"] = (...call) => honest.finish(...call) + 1;
    expect(run({ ...honest, finish })).toThrow(`seed ${seed}, check "ledger"`);
  });

  it("is found out: a call that it never ends", () => {
    const honest = scriptedProvider("a", [whole]);
    expect(run({ ...honest, inFlight: () => 1 })).toThrow(`seed ${seed}, check "conservation": a:`);
  });
});

describe("a simulator that leaks", () => {
  const none = { waiting: 0, abandoned: 0 };

  it.each([
    {
      leak: "a request that is nowhere",
      check: "conservation",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.phaseEnded("load", none);
      },
    },
    {
      leak: "a request that waits for ever",
      check: "conservation",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.runEnded({ waiting: 1, abandoned: 0 }, []);
      },
    },
    {
      leak: "a request that ends twice",
      check: "conservation",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.ends(1, true);
        checkers.ends(2, false);
      },
    },
    {
      leak: "a request without a record",
      check: "conservation",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.ends(1, true);
        checkers.phaseEnded("load", none);
      },
    },
    {
      leak: "a clock that goes back",
      check: "time order",
      planted: (checkers: Checkers) => {
        checkers.arrives(2);
        checkers.arrives(1);
      },
    },
    {
      leak: "a record that ends before it begins",
      check: "time order",
      planted: (checkers: Checkers) => checkers.recorded(recordOf({ intendedMs: 5, sentMs: 5, endMs: 4 })),
    },
    {
      leak: "a record of another time than its request took",
      check: "Little's law",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.ends(10, true);
        checkers.recorded(recordOf({ endMs: 11 }));
        checkers.runEnded(none, []);
      },
    },
    {
      leak: "a record of a call that no provider has seen",
      check: "ledger",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.ends(10, true);
        checkers.recorded(recordOf({ endMs: 10, upstreamCalls: 1 }));
        checkers.runEnded(none, []);
      },
    },
    {
      leak: "money that no provider has charged",
      check: "ledger",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.ends(10, true);
        checkers.recorded(recordOf({ endMs: 10, cost: 1 }));
        checkers.runEnded(none, []);
      },
    },
    {
      leak: "tokens that no provider has generated",
      check: "ledger",
      planted: (checkers: Checkers) => {
        checkers.arrives(0);
        checkers.ends(10, true);
        checkers.recorded(recordOf({ endMs: 10, wastedTokens: 1 }));
        checkers.runEnded(none, []);
      },
    },
  ])("is found out: $leak", ({ check, planted }) => {
    const checkers = new Checkers(seed);
    expect(() => planted(checkers)).toThrow(InvariantError);
    expect(() => planted(new Checkers(seed))).toThrow(`seed ${seed}, check "${check}"`);
  });
});

/** Two users of three turns, then ten requests that do not wait for each other; streams and whole answers. */
function phases() {
  const stream = (index: number): boolean => index % 3 !== 0;
  const scripts = [0, 1].map((user) =>
    [0, 1, 2].map((turn) => request(`u${user}.t${turn}`, { thinkMs: 3, stream: stream(turn) })),
  );
  const arrivals = Array.from({ length: 10 }, (_, index) =>
    request(`a${index}`, { atMs: 7 * index, stream: stream(index) }),
  );
  return [closedPhase(scripts, { name: "baseline" }), openPhase(arrivals)];
}

const requestsSent = [
  ...[0, 1].flatMap((user) => [0, 1, 2].map((turn) => `baseline u${user}.t${turn}`)),
  ...Array.from({ length: 10 }, (_, index) => `load a${index}`),
].toSorted();

function script(): fc.Arbitrary<Script> {
  const answer = fc
    .record({
      gapsMs: fc.array(fc.nat(60), { maxLength: 8 }),
      breakAfter: fc.option(fc.nat(8), { nil: undefined, freq: 3 }),
      how: fc.constantFrom("cut" as const, "stall" as const, "truncate" as const, "malformed" as const),
    })
    .map(({ gapsMs, breakAfter, how }): Script => {
      let atMs = 0;
      const chunksAtMs = gapsMs.map((gapMs) => (atMs += gapMs));
      const breaks = breakAfter !== undefined && breakAfter < chunksAtMs.length;
      return { kind: "answer", chunksAtMs, ...(breaks ? { broken: { afterChunks: breakAfter, how } } : {}) };
    });
  const status = fc.record({
    kind: fc.constant("status" as const),
    status: fc.constantFrom(400, 429, 500),
    afterMs: fc.nat(50),
  });
  const reset = fc.record({ kind: fc.constant("reset" as const), afterMs: fc.nat(50) });
  return fc.oneof(
    { weight: 5, arbitrary: answer },
    { weight: 3, arbitrary: status },
    { weight: 1, arbitrary: reset },
    { weight: 1, arbitrary: fc.constant<Script>({ kind: "hang" }) },
  );
}

function gateway(): fc.Arbitrary<GatewayProfile> {
  const cost = fc.constantFrom(0, 0, 0.5, 3);
  return fc
    .record({
      requestCpuMs: cost,
      chunkCpuMs: cost,
      endCpuMs: cost,
      networkMs: cost,
      firstChunkDelayMs: fc.constantFrom(0, 26),
      cancelsUpstream: fc.boolean(),
      failover: fc.constantFrom(
        undefined,
        { backoffMs: 100, connectionStatus: 500 },
        litellmProfile.failover,
        tensorzeroProfile.failover,
      ),
    })
    .map(gatewayOf);
}

function recordOf(changes: Partial<RequestRecord>): RequestRecord {
  return {
    key: "r0",
    phase: "load",
    tenant: "default",
    model: "m",
    provider: "",
    stream: true,
    intendedMs: 0,
    sentMs: 0,
    firstTokenMs: null,
    endMs: 0,
    status: 200,
    outcome: "ok",
    reason: "",
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    chunks: 0,
    gapMaxMs: 0,
    upstreamCalls: 0,
    cost: 0,
    wastedTokens: 0,
    ...changes,
  };
}
