import { describe, expect, it } from "vitest";
import { createFaultSchedule, strengthAt } from "../../../behavior/faults/schedule.ts";
import type { FaultShape, FaultSpec } from "../../../core/scenario/fault-spec.ts";
import type { TimelineEntry } from "../../../core/scenario/scenario.ts";

const outage: TimelineEntry = {
  atMs: 1_000,
  forMs: 500,
  fault: { kind: "outage", provider: "openai", model: undefined, share: 1, how: "status", status: 503 },
};
const slow: TimelineEntry = {
  atMs: 1_200,
  forMs: undefined,
  fault: { kind: "latency", provider: "openai", model: "gpt-4o", share: 1, factor: 4 },
};
const openai = { name: "openai" };
const call = { model: "gpt-4o", apiKey: "key" };

describe("a fault schedule", () => {
  const kindsAt = (nowMs: number, provider = openai, model = "gpt-4o"): readonly string[] =>
    createFaultSchedule([outage, slow])
      .activeAt(nowMs, provider, { ...call, model })
      .map(({ fault }) => fault.kind);

  it.each([
    { why: "nothing is in force before its time", nowMs: 999, kinds: [] },
    { why: "a fault is in force from its first instant", nowMs: 1_000, kinds: ["outage"] },
    { why: "faults overlap in the order in which they were added", nowMs: 1_200, kinds: ["outage", "latency"] },
    { why: "a fault is over at its last instant", nowMs: 1_500, kinds: ["latency"] },
    { why: "a fault without an end stays", nowMs: 1e9, kinds: ["latency"] },
  ])("$why", ({ nowMs, kinds }) => {
    expect(kindsAt(nowMs)).toEqual(kinds);
  });

  it("aims at one provider, and at one model where it names one", () => {
    expect(kindsAt(1_200, { name: "azure" })).toEqual([]);
    expect(kindsAt(1_200, openai, "gpt-4o-mini")).toEqual(["outage"]);
  });

  it.each([
    { aim: { region: "eu" }, provider: { name: "any", region: "eu" }, hit: true },
    { aim: { region: "eu" }, provider: { name: "any", region: "us" }, hit: false },
    { aim: { region: "eu" }, provider: { name: "any" }, hit: false },
    { aim: { region: "eu", provider: "openai" }, provider: { name: "azure", region: "eu" }, hit: false },
    { aim: { key: "key" }, provider: openai, hit: true },
    { aim: { key: "other" }, provider: openai, hit: false },
  ])("aims at regions and keys: $aim at $provider, $hit", ({ aim, provider, hit }) => {
    const fault: FaultSpec = { kind: "latency", provider: undefined, model: undefined, share: 1, factor: 2, ...aim };
    const schedule = createFaultSchedule([{ atMs: 0, forMs: undefined, fault }]);
    expect(schedule.activeAt(0, provider, call).length === 1).toBe(hit);
  });

  it("takes faults while it runs, even ones that began in the past, and can be cleared", () => {
    const schedule = createFaultSchedule();
    expect(schedule.activeAt(1_100, openai, call)).toEqual([]);
    const id = schedule.add(outage);
    expect(schedule.activeAt(1_100, openai, call)).toEqual([{ id, fault: outage.fault, strength: 1 }]);
    expect(schedule.entries()).toEqual([{ ...outage, id }]);
    schedule.clear();
    expect(schedule.activeAt(1_100, openai, call)).toEqual([]);
    expect(schedule.entries()).toEqual([]);
  });

  it("gives up one fault by its id, and gives no id twice", () => {
    const schedule = createFaultSchedule([outage, slow]);
    expect(schedule.remove(1)).toBe(true);
    expect(schedule.remove(1)).toBe(false);
    expect(schedule.entries().map(({ id, fault }) => [id, fault.kind])).toEqual([[2, "latency"]]);
    expect(schedule.add(outage)).toBe(3);
    schedule.clear();
    expect(schedule.add(outage)).toBe(4);
  });

  it("does not hand out its own list", () => {
    const schedule = createFaultSchedule([outage]);
    const seen = schedule.entries();
    schedule.add(slow);
    expect(seen).toHaveLength(1);
  });
});

describe("how strong a fault is over time", () => {
  const strengths = (shape: FaultShape | undefined, forMs: number | undefined, kind = "latency" as const) => {
    const fault: FaultSpec = { kind, provider: "p", model: undefined, share: 1, factor: 2, shape };
    return [0, 99, 100, 150, 200, 300, 350, 399, 400].map((nowMs) => strengthAt({ atMs: 100, forMs, fault }, nowMs));
  };

  it.each([
    { why: "a step is all of it at once", shape: undefined, forMs: 300, expected: [0, 0, 1, 1, 1, 1, 1, 1, 0] },
    {
      why: "a ramp grows over its time and stays",
      shape: { kind: "ramp", overMs: 200 },
      forMs: 300,
      expected: [0, 0, 0, 0.25, 0.5, 1, 1, 1, 0],
    },
    {
      why: "a ramp without a time of its own grows to the end",
      shape: { kind: "ramp", overMs: undefined },
      forMs: 300,
      expected: [0, 0, 0, 50 / 300, 100 / 300, 200 / 300, 250 / 300, 299 / 300, 0],
    },
    {
      why: "without an end it is there at once",
      shape: { kind: "ramp", overMs: undefined },
      forMs: undefined,
      expected: [0, 0, 1, 1, 1, 1, 1, 1, 1],
    },
    {
      why: "a pulse is on at the beginning of each period",
      shape: { kind: "pulse", everyMs: 100, on: 0.5 },
      forMs: 300,
      expected: [0, 0, 1, 0, 1, 1, 0, 0, 0],
    },
  ] as const)("$why", ({ shape, forMs, expected }) => {
    expect(strengths(shape, forMs)).toEqual(expected);
  });

  it("grows in a brownout unless it says otherwise", () => {
    const fault: FaultSpec = {
      kind: "brownout",
      provider: "p",
      model: undefined,
      share: 1,
      factor: 3,
      errors: 0.5,
      status: 503,
    };
    expect(strengthAt({ atMs: 0, forMs: 100, fault }, 25)).toBe(0.25);
    expect(strengthAt({ atMs: 0, forMs: 100, fault: { ...fault, shape: { kind: "step" } } }, 25)).toBe(1);
  });
});
