import { describe, expect, it } from "vitest";
import { promptTokensMax } from "../../../behavior/traffic/request-mix.ts";
import { buildWorkload } from "../../../behavior/traffic/workload-builder.ts";
import type { ClosedPhase, PlannedRequest } from "../../../behavior/workload.ts";
import type { ClosedLoad, Traffic } from "../../../core/scenario/traffic-spec.ts";
import { chat, phaseOf, requestsOf, scenarioOf, tenPeople } from "./made-scenario.ts";

function closedPhase(traffic: Partial<Traffic>, name = "load"): ClosedPhase {
  const phase = phaseOf(buildWorkload(scenarioOf(traffic)), name);
  if (phase?.kind !== "closed") throw new Error(`no closed phase ${name}`);
  return phase;
}

function load(changes: Partial<ClosedLoad>): Partial<Traffic> {
  return { load: { ...tenPeople, ...changes } };
}

/** What must be equal wherever the request is played. */
function asked(request: PlannedRequest): PlannedRequest {
  return { ...request, thinkMs: 0 };
}

const byKey = (left: { readonly key: string }, right: { readonly key: string }): number =>
  left.key < right.key ? -1 : 1;

describe("a conversation", () => {
  const turns = requestsOf(closedPhase(load({ turns: { kind: "constant", value: 4 } }))).slice(0, 4);

  it("carries all that was said before: earlier questions and answers, and the new question", () => {
    turns.forEach((request, turn) => {
      const before = turns[turn - 1];
      const history =
        before === undefined ? [] : [...(before.historyTokens ?? []), questionOf(before), before.outputTokens];
      expect(request.historyTokens).toEqual(history);
      expect(request.inputTokens).toBe(history.reduce((sum, tokens) => sum + tokens, 0) + questionOf(request));
      expect([request.session, request.turn, request.key]).toEqual(["u0.s0", turn, `u0.s0.t${turn}`]);
    });
  });

  it("remembers only what max_tokens let through of an answer", () => {
    const capped = closedPhase({
      ...load({ turns: { kind: "constant", value: 2 } }),
      requests: [{ ...chat, maxTokens: 5 }],
    });
    const [first, second] = requestsOf(capped);
    expect(first?.outputTokens).toBeGreaterThan(5);
    expect(first?.maxOutputTokens).toBe(5);
    expect(second?.historyTokens?.[1]).toBe(5);
  });

  it("ends before its prompt outgrows every model", () => {
    const endless = closedPhase({
      ...load({ users: 1, sessionsPerUser: 1, turns: { kind: "constant", value: 900 } }),
      requests: [
        { ...chat, input: { kind: "constant", value: 900_000 }, output: { kind: "constant", value: 100_000 } },
      ],
    });
    const requests = requestsOf(endless);
    expect(requests).toHaveLength(10);
    expect(Math.max(...requests.map((request) => request.inputTokens))).toBeLessThanOrEqual(promptTokensMax);
  });

  it("has at least one turn, whatever is drawn", () => {
    expect(requestsOf(closedPhase(load({ turns: { kind: "constant", value: 0 } })))).toHaveLength(20);
  });
});

function questionOf(request: PlannedRequest): number {
  return (request.historyTokens ?? []).reduce((rest, tokens) => rest - tokens, request.inputTokens);
}

describe("the people of a closed load", () => {
  it("start evenly spread over the ramp, and do not think before their first question", () => {
    const phase = closedPhase({});
    expect([0, 1, 9].map((user) => phase.startMs(user))).toEqual([0, 100, 900]);
    const thinks = [...phase.script(3)].map((request) => request.thinkMs);
    expect(thinks[0]).toBe(0);
    expect(thinks.slice(1).every((thinkMs) => thinkMs > 0)).toBe(true);
  });

  it("hold one conversation after the other", () => {
    const sessions = [...closedPhase({}).script(2)].map((request) => request.session);
    expect([...new Set(sessions)]).toEqual(["u2.s0", "u2.s1"]);
    expect(sessions).toEqual(sessions.toSorted());
  });

  it("never run out of conversations when only the time ends the load", () => {
    const phase = closedPhase(load({ sessionsPerUser: undefined, forMs: 60_000 }));
    expect(phase.durationMs).toBe(60_000);
    expect(requestsOf({ ...phase, users: 1 }, 5_000)).toHaveLength(5_000);
  });

  it("belong to tenants by share, dealt out and not drawn", () => {
    const tenants = [
      { name: "web", share: 0.7 },
      { name: "mobile", share: 0.3 },
    ];
    const ofUser = new Map(
      requestsOf(closedPhase({ tenants })).map((request) => [request.key.split(".")[0], request.tenant]),
    );
    expect([...ofUser.values()].filter((tenant) => tenant === "web")).toHaveLength(7);
  });
});

describe("the baseline", () => {
  it("plays the very requests of the load, under the same keys, without pauses", () => {
    const workload = buildWorkload(scenarioOf({}));
    expect(workload.phases.map((phase) => phase.name)).toEqual(["baseline", "load"]);
    const [baseline, loaded] = workload.phases.map((phase) => requestsOf(phase));
    expect(baseline?.map(asked).toSorted(byKey)).toEqual(loaded?.map(asked).toSorted(byKey));
    expect(baseline?.every((request) => request.thinkMs === 0)).toBe(true);
  });

  it("meets everybody's first conversation before anyone's second, one after the other", () => {
    const sessions = [...new Set([...closedPhase({}, "baseline").script(0)].map((request) => request.session))];
    expect(sessions).toEqual(
      [0, 1].flatMap((session) => Array.from({ length: 10 }, (_, user) => `u${user}.s${session}`)),
    );
  });

  it("is shared out when several people play it", () => {
    const phase = closedPhase(load({ baselineUsers: 3 }), "baseline");
    const players = [0, 1, 2].map(
      (user) => new Set([...phase.script(user)].map((request) => request.key.split(".")[0])),
    );
    expect(players.map((users) => [...users])).toEqual([
      ["u0", "u3", "u6", "u9"],
      ["u1", "u4", "u7"],
      ["u2", "u5", "u8"],
    ]);
  });

  it("is left out when nobody asks for it", () => {
    expect(buildWorkload(scenarioOf(load({ baselineUsers: 0 }))).phases.map((phase) => phase.name)).toEqual(["load"]);
  });

  it("does not change when more people join the load", () => {
    const [ten, twenty] = [10, 20].map((users) => requestsOf(closedPhase(load({ users })), 50));
    const joined = new Map(twenty?.map((request) => [request.key, request]));
    for (const request of ten ?? []) expect(joined.get(request.key)).toEqual(request);
  });
});
