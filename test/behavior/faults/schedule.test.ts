import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../../behavior/faults/schedule.ts";
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

describe("a fault schedule", () => {
  const kindsAt = (nowMs: number, provider = "openai", model = "gpt-4o"): readonly string[] =>
    createFaultSchedule([outage, slow])
      .activeAt(nowMs, provider, model)
      .map((fault) => fault.kind);

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
    expect(kindsAt(1_200, "azure")).toEqual([]);
    expect(kindsAt(1_200, "openai", "gpt-4o-mini")).toEqual(["outage"]);
  });

  it("takes faults while it runs, even ones that began in the past, and can be cleared", () => {
    const schedule = createFaultSchedule();
    expect(schedule.activeAt(1_100, "openai", "gpt-4o")).toEqual([]);
    schedule.add(outage);
    expect(schedule.activeAt(1_100, "openai", "gpt-4o")).toHaveLength(1);
    expect(schedule.entries()).toEqual([outage]);
    schedule.clear();
    expect(schedule.activeAt(1_100, "openai", "gpt-4o")).toEqual([]);
    expect(schedule.entries()).toEqual([]);
  });

  it("does not hand out its own list", () => {
    const schedule = createFaultSchedule([outage]);
    const seen = schedule.entries();
    schedule.add(slow);
    expect(seen).toEqual([outage]);
  });
});
