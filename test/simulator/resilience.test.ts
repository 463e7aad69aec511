/** What a gateway does about failing providers, worked out by hand. All times in milliseconds. */
import { describe, expect, it } from "vitest";
import type { PlannedRequest } from "../../behavior/workload.ts";
import type { ResilienceSpec } from "../../core/scenario/resilience-spec.ts";
import {
  answerAt10,
  gatewayOf,
  openPhase,
  type Play,
  play,
  request,
  type Script,
  type ScriptedProvider,
  scriptedProvider,
} from "./scripted-platform.ts";

const down: Script = { kind: "status", status: 503, afterMs: 10 };
const hang: Script = { kind: "hang" };
const whole = (atMs: number): Script => ({ kind: "answer", chunksAtMs: [atMs] });

function played(
  resilience: ResilienceSpec,
  providers: readonly ScriptedProvider[],
  arrivals: readonly number[],
  { max = 0, changes = {} }: { readonly max?: number; readonly changes?: Partial<PlannedRequest> } = {},
): Play {
  const requests = arrivals.map((atMs, index) => request(`r${index}`, { atMs, ...changes }));
  return play([openPhase(requests)], providers, gatewayOf(), {
    platform: { resilience, retries: { max, on: [408, 429, 500, 503] } },
  });
}

const calledAt = (provider: ScriptedProvider): readonly number[] => provider.calls.map(({ atMs }) => atMs);
const ends = ({ records }: Play): readonly (readonly [string, number, number])[] =>
  records.map(({ key, status, endMs }) => [key, status, endMs]);

describe("retries with a back-off of the scenario's own", () => {
  it("double from the base up to the cap", () => {
    const a = scriptedProvider("a", [down, down, down, answerAt10]);
    const backoff = { baseMs: 100, capMs: 250, jitter: "none" } as const;
    played({ retries: { backoff, honourRetryAfter: false } }, [a], [0], { max: 3 });
    // Failures at 10, 120, 330; waits 100, 200, 250.
    expect(calledAt(a)).toEqual([0, 110, 320, 580]);
  });

  it("wait as long as the provider asks for, and go elsewhere when that is a minute", () => {
    const asks = (retryAfterMs: number): Script => ({ kind: "status", status: 429, afterMs: 10, retryAfterMs });
    const a = scriptedProvider("a", [asks(700), asks(60_000)]);
    const b = scriptedProvider("b", [answerAt10]);
    played({ retries: { backoff: undefined, honourRetryAfter: true } }, [a, b], [0], { max: 5 });
    expect(calledAt(a)).toEqual([0, 710]);
    expect(calledAt(b)).toEqual([720]);
  });
});

describe("time limits of the gateway", () => {
  it("end a call that does not begin to answer, and try again", () => {
    const a = scriptedProvider("a", [hang, whole(400), answerAt10]);
    const retries = { backoff: { baseMs: 50, capMs: 50, jitter: "none" }, honourRetryAfter: false } as const;
    const run = played({ timeouts: { attemptMs: 300, totalMs: undefined }, retries }, [a], [0], { max: 2 });
    expect(calledAt(a)).toEqual([0, 350, 700]);
    expect(ends(run)).toEqual([["r0", 200, 710]]);
    expect(a.finishes[0]).toMatchObject({ atMs: 650, outputTokens: 0 });
  });

  it("let nobody wait for longer than the limit of the whole request", () => {
    const a = scriptedProvider("a", [down, hang]);
    const retries = { backoff: { baseMs: 50, capMs: 50, jitter: "none" }, honourRetryAfter: false } as const;
    const run = played({ timeouts: { attemptMs: 300, totalMs: 200 }, retries }, [a], [0], { max: 5 });
    expect(calledAt(a)).toEqual([0, 60]);
    expect(ends(run)).toEqual([["r0", 408, 200]]);
  });

  it("leave a stream alone that has begun", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [90, 5_000] }]);
    const run = played({ timeouts: { attemptMs: 100, totalMs: 100 } }, [a], [0]);
    expect(ends(run)).toEqual([["r0", 200, 5_000]]);
  });
});

describe("a second call", () => {
  const hedge = { after: { kind: "delay", delayMs: 100 }, shareMax: 1 } as const;

  it("is not made for an answer that begins in time", () => {
    const a = scriptedProvider("a", [whole(100)]);
    const b = scriptedProvider("b", [answerAt10]);
    const { records } = played({ hedge }, [a, b], [0]);
    expect(b.calls).toEqual([]);
    expect(records[0]).not.toHaveProperty("hedges");
  });

  it("wins when it begins to answer first, and what the other one had generated is wasted", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [500, 510] }]);
    const b = scriptedProvider("b", [{ kind: "answer", chunksAtMs: [50, 60, 70] }]);
    const { records } = played({ hedge }, [a, b], [0]);
    expect(calledAt(b)).toEqual([100]);
    expect(a.finishes).toEqual([{ atMs: 150, outputTokens: 0, wastedTokens: 0, completed: false }]);
    expect(records[0]).toMatchObject({ provider: "b", firstTokenMs: 150, endMs: 170, upstreamCalls: 2, hedges: 1 });
  });

  it("is cancelled when the first one begins to answer after all", () => {
    const a = scriptedProvider("a", [whole(120)]);
    const b = scriptedProvider("b", [{ kind: "answer", chunksAtMs: [50, 60] }]);
    const { records } = played({ hedge }, [a, b], [0]);
    expect(b.finishes).toEqual([{ atMs: 120, outputTokens: 0, wastedTokens: 0, completed: false }]);
    expect(records[0]).toMatchObject({ provider: "a", firstTokenMs: 120, endMs: 120, outputTokens: 1 });
  });

  it("saves a request whose first call hangs", () => {
    const a = scriptedProvider("a", [hang]);
    const b = scriptedProvider("b", [answerAt10]);
    expect(ends(played({ hedge }, [a, b], [0]))).toEqual([["r0", 200, 110]]);
  });

  it("is paid for when its answer in one piece was under way", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [100, 200] }]);
    const b = scriptedProvider("b", [{ kind: "answer", chunksAtMs: [10, 20, 300] }]);
    const { records } = played({ hedge }, [a, b], [0], { changes: { stream: false } });
    // The first answers at 200. By then the second has sent two of its tokens and begun the third; nobody gets any.
    expect(b.finishes).toEqual([{ atMs: 200, outputTokens: 3, wastedTokens: 3, completed: false }]);
    expect(records[0]).toMatchObject({ outputTokens: 2, wastedTokens: 3 });
  });

  it("keeps to its share of the first calls", () => {
    const a = scriptedProvider("a", [whole(500)]);
    const b = scriptedProvider("b", [answerAt10]);
    played({ hedge: { ...hedge, shareMax: 0.25 } }, [a, b], [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000]);
    expect(calledAt(b)).toEqual([3_100, 7_100]);
  });
});

describe("a circuit breaker", () => {
  const breaker = { opens: { kind: "consecutive", failures: 2 }, openMs: 1_000, probes: 1 } as const;

  it("spares a provider that fails until a probe succeeds", () => {
    const a = scriptedProvider("a", [down, down, down, answerAt10]);
    const b = scriptedProvider("b", [answerAt10]);
    const run = played({ breaker }, [a, b], [0, 100, 200, 1_200, 1_300, 2_300, 2_400]);
    // Fails at 10 and 110: open until 1,110. The probe of 1,200 fails at 1,210: open until 2,210. The next one succeeds.
    expect(calledAt(a)).toEqual([0, 100, 1_200, 2_300, 2_400]);
    expect(calledAt(b)).toEqual([10, 110, 200, 1_210, 1_300]);
    expect(run.events.map(({ atMs, kind }) => [atMs, kind])).toEqual([
      [110, "breaker-open"],
      [1_210, "breaker-open"],
      [2_310, "breaker-closed"],
    ]);
  });

  it("refuses at once when there is nobody else, and says for how long", () => {
    const a = scriptedProvider("a", [down]);
    const run = played({ breaker }, [a], [0, 100, 200]);
    expect(run.records[2]).toMatchObject({ status: 429, reason: "no-deployment", endMs: 200, upstreamCalls: 0 });
  });
});

describe("a cooldown", () => {
  it("leaves a provider out after one failure too many, for as long as that one asks", () => {
    const a = scriptedProvider("a", [
      down,
      { kind: "status", status: 429, afterMs: 10, retryAfterMs: 800 },
      answerAt10,
    ]);
    const b = scriptedProvider("b", [answerAt10]);
    const cooldown = { allowedFails: 1, cooldownMs: 500 };
    played({ cooldown }, [a, b], [0, 100, 200, 900, 1_000]);
    // The second failure comes at 110: left out until 910.
    expect(calledAt(a)).toEqual([0, 100, 1_000]);
    expect(calledAt(b)).toEqual([10, 110, 200, 900]);
  });
});

describe("routing", () => {
  const providers = (): readonly [ScriptedProvider, ScriptedProvider] => [
    scriptedProvider("a", [whole(100)]),
    scriptedProvider("b", [whole(100)]),
  ];

  it("asks whoever has fewest calls", () => {
    const [a, b] = providers();
    played({ routing: { by: "least-busy" } }, [a, b], [0, 10, 20, 115]);
    expect(calledAt(a)).toEqual([0, 20]);
    expect(calledAt(b)).toEqual([10, 115]);
  });

  it("asks whoever was fastest, once it knows everybody", () => {
    const a = scriptedProvider("a", [whole(100)]);
    const b = scriptedProvider("b", [whole(40)]);
    played({ routing: { by: "lowest-latency" } }, [a, b], [0, 200, 400, 600]);
    expect(calledAt(a)).toEqual([0]);
    expect(calledAt(b)).toEqual([200, 400, 600]);
  });

  it("deals requests out by weight", () => {
    const [a, b] = providers();
    const arrivals = Array.from({ length: 1_000 }, (_, index) => index * 10);
    played({ routing: { by: "weighted", weights: { a: 0.9, b: 0.1 } } }, [a, b], arrivals);
    expect(a.calls.length).toBeGreaterThan(870);
    expect(b.calls.length).toBeGreaterThan(70);
  });

  it("keeps a conversation with whom it began, so that both sides of a comparison see whole ones", () => {
    const [a, b] = providers();
    const turns = Array.from({ length: 400 }, (_, index) =>
      request(`s${index % 100}.t${Math.floor(index / 100)}`, { session: `s${index % 100}`, atMs: index * 10 }),
    );
    const { records } = play([openPhase(turns)], [a, b], gatewayOf(), {
      platform: { resilience: { routing: { by: "weighted", weights: { a: 0.5, b: 0.5 } } } },
    });
    const sides = Map.groupBy(records, ({ key }) => key.split(".")[0]);
    expect([...sides.values()].every((each) => new Set(each.map(({ provider }) => provider)).size === 1)).toBe(true);
    expect(new Set(records.map(({ provider }) => provider)).size).toBe(2);
  });
});
