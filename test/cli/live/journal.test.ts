import { afterEach, expect, it, vi } from "vitest";
import { joinWithJournal } from "../../../cli/live/journal.ts";
import type { RequestRecord } from "../../../core/record.ts";
import { plainRecord } from "../../made-record.ts";

afterEach(() => vi.useRealTimers());

it("tells of each request half a second after it ended, of those whose clients gave up too, and has all of them at the end", async () => {
  vi.useFakeTimers();
  const unread: RequestRecord[] = [plainRecord({ key: "served", cost: 7 })];
  const told: string[] = [];
  const joined = joinWithJournal(
    { journal: () => Promise.resolve(unread.splice(0)) },
    () => undefined,
    ({ key, outcome, cost }) => told.push(`${key} ${outcome} ${cost}`),
  );
  joined.record(plainRecord({ key: "served", upstreamCalls: 0 }));
  joined.record(plainRecord({ key: "left", outcome: "timeout", upstreamCalls: 0, endMs: 1 }));
  await vi.advanceTimersByTimeAsync(499);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual(["served ok 7", "left timeout 0"]);
  unread.push(plainRecord({ key: "left", cost: 3 }));
  const all = await joined.finish();
  expect(all.map(({ key, cost }) => [key, cost])).toEqual([
    ["served", 7],
    ["left", 3],
  ]);
  expect(told).toHaveLength(2);
});
