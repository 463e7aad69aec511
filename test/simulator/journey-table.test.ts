import { describe, expect, it } from "vitest";
import { failedWith } from "../../simulator/answers.ts";
import { Effort } from "../../simulator/efforts.ts";
import { JourneyTable } from "../../simulator/journey-table.ts";
import { Journey, type JourneyStart, nobody } from "../../simulator/journey.ts";
import { request } from "./scripted-platform.ts";

function startOf(key: string, changes: Partial<JourneyStart> = {}): JourneyStart {
  const planned = request(key);
  return { phase: "load", user: nobody, planned, intendedMs: 5, deadlineMs: 65, leaves: false, route: [], ...changes };
}

/** Everything that somebody may have written into it, an effort excepted. */
function spoil(journey: Journey): void {
  journey.seesChunks(2, 10);
  journey.seesChunks(1, 30);
  journey.end(40, failedWith(500, "server_error"));
  for (const field of Object.keys(journey)) {
    if (field !== "slot" && field !== "effort") Reflect.set(journey, field, "of the request before");
  }
}

describe("journeys", () => {
  it("serve one request after the other", () => {
    const table = new JourneyTable();
    const [first, second] = [table.begin(startOf("a")), table.begin(startOf("b"))];
    expect([first.slot, second.slot]).toEqual([0, 1]);
    table.end(first);
    const third = table.begin(startOf("c"));
    expect(third).toBe(first);
    expect(table.at(0).planned.key).toBe("c");
    expect(table.filter(() => true).map(({ planned }) => planned.key)).toEqual(["c", "b"]);
  });

  it("know nothing of the request before", () => {
    const table = new JourneyTable();
    const used = table.begin(startOf("a"));
    spoil(used);
    table.end(used);
    const start = startOf("b", { intendedMs: 100, explained: true });
    const [again, fresh] = [table.begin(start), new Journey(0, start)];
    expect(again).toBe(used);
    expect(Object.entries(again)).toEqual(Object.entries(fresh));
    expect([again.begunToArrive, again.seenMs, again.seen, again.endMs]).toEqual([false, 0, fresh.seen, Number.NaN]);
    expect(again.record()).toEqual(fresh.record());
  });

  it("stay what they were where an effort looks back at its tries", () => {
    const table = new JourneyTable();
    const effort = new Effort("load", nobody, request("a"), 5);
    const tried = table.begin(startOf("a", { effort }));
    table.end(tried);
    const next = table.begin(startOf("b"));
    expect([next.slot, tried.planned.key]).toEqual([0, "a"]);
    expect(next).not.toBe(tried);
  });

  it("are nobody's once they have ended", () => {
    const table = new JourneyTable();
    const journey = table.begin(startOf("a"));
    table.end(journey);
    expect(() => table.at(0)).toThrow("no journey in slot 0");
    expect(() => table.end(journey)).toThrow("a journey ends once");
    expect(table.count()).toEqual({ waiting: 0, abandoned: 0 });
  });
});
