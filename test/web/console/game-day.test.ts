import { describe, expect, it } from "vitest";
import {
  applied,
  type Change,
  emptyGameDay,
  entriesMax,
  type GameDay,
  mayAnswer,
  type Sample,
  samplesMax,
  type Stage,
} from "../../../web/console/game-day.ts";

const drill = {
  id: "0",
  title: "A provider is down",
  about: "SEV2",
  world: "simulated",
  mode: "drill",
  phases: [],
  objectives: { errors: undefined, ttftP95Ms: undefined },
} as const;
const running: Stage = { kind: "running", drill };

function after(changes: readonly Change[]): GameDay {
  return changes.reduce(applied, emptyGameDay);
}

function sample(atMs: number): Sample {
  const replicas = { ready: 3, wished: 3 };
  const nothing = { errors: undefined, ttftP95Ms: undefined, requestsPerSecond: undefined, waiting: undefined };
  return { atMs, ...nothing, cost: 0, replicas, alerts: [], providers: [] };
}

const entry = (seq: number): Change => ({
  kind: "entry",
  entry: { seq, atMs: seq, kind: "note", who: "ada", text: "so" },
});

describe("a game day", () => {
  it("keeps the last entries only, so that a page never grows without end", () => {
    const day = after(Array.from({ length: entriesMax + 5 }, (_, seq) => entry(seq)));
    expect(day.entries.length).toBe(entriesMax);
    expect(day.entries.at(-1)?.seq).toBe(entriesMax + 4);
  });

  it("thins the older half of its samples, and keeps the newest as they are", () => {
    const day = after(Array.from({ length: samplesMax * 3 }, (_, at) => ({ kind: "sample", sample: sample(at) })));
    expect(day.samples.length).toBeLessThanOrEqual(samplesMax);
    expect(day.samples.slice(-10).map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 10 }, (_, index) => samplesMax * 3 - 10 + index),
    );
    expect(day.samples[0]?.atMs).toBe(0);
  });

  it("never turns its clock back", () => {
    expect(
      after([
        { kind: "time", nowMs: 5_000 },
        { kind: "time", nowMs: 4_000 },
      ]).nowMs,
    ).toBe(5_000);
    expect(
      after([
        { kind: "time", nowMs: 5_000 },
        { kind: "sample", sample: sample(9_000) },
      ]).nowMs,
    ).toBe(9_000);
  });

  it("begins anew with another drill, and its people stay", () => {
    const people = [{ name: "ada", seat: "incident-lead" }] as const;
    const before: readonly Change[] = [
      { kind: "people", people },
      { kind: "stage", stage: running, beganAt: "2026-11-21T08:00:00Z" },
      entry(0),
      { kind: "time", nowMs: 60_000 },
    ];
    const next = after([...before, { kind: "stage", stage: { kind: "lobby" } }]);
    expect(next).toEqual({ ...emptyGameDay, people });
  });

  it("keeps what was there while a world comes up in steps", () => {
    const preparing = (detail: string): Change => ({ kind: "stage", stage: { kind: "preparing", drill, detail } });
    expect(after([preparing("one"), { kind: "time", nowMs: 60_000 }, preparing("two")]).nowMs).toBe(60_000);
  });

  it("shows the same whether a page was there from the start or came late", () => {
    const changes: readonly Change[] = [
      { kind: "stage", stage: running },
      entry(0),
      { kind: "sample", sample: sample(5) },
    ];
    const late = after([{ kind: "all", gameDay: after(changes.slice(0, 2)) }, ...changes.slice(2)]);
    expect(late).toEqual(after(changes));
  });
});

describe("mayAnswer", () => {
  it.each([
    { why: "the lead approves", role: "incident-lead", seat: "incident-lead", notBy: [], may: true },
    { why: "a responder does not approve", role: "incident-lead", seat: "responder", notBy: [], may: false },
    { why: "an observer answers nothing", role: "responder", seat: "observer", notBy: [], may: false },
    { why: "the lead may speak for the responder", role: "responder", seat: "incident-lead", notBy: [], may: true },
    { why: "whoever asked leaves it to another", role: "responder", seat: "responder", notBy: ["ada"], may: false },
  ] as const)("$why", ({ role, seat, notBy, may }) => {
    const question = { id: "q", kind: "approve", role, text: "", step: "s", wants: "nothing", notBy } as const;
    const asked = { ...question, choices: { yes: "y", no: "n" } };
    expect(mayAnswer(asked, { name: "ada", seat }) === undefined).toBe(may);
  });
});
