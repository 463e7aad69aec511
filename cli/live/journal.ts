/** Records from the load engine, joined with the calls that the providers saw, while a run goes on. */
import { StreamingJoin } from "../../core/join.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { Ms } from "../../core/time.ts";
import { recordsMax, tooManyRecords } from "../../runs/record-bound.ts";
import type { MockProcess } from "../mock-process.ts";

export interface JoinInRun {
  readonly record: (record: RequestRecord) => void;
  /** Everything that was recorded, once the load is over. */
  readonly finish: () => Promise<readonly RequestRecord[]>;
  readonly stop: () => void;
}

/** How often the providers' journal is read while the run goes on, wall time. */
const journalReadEveryMs: Ms = 500;

/**
 * `onEnd` is told of each request once everything about it is known; of one whose client gave up, with what is known by then: its
 * call may still be running.
 */
export function joinWithJournal(
  mock: Pick<MockProcess, "journal">,
  onTrouble: (cause: unknown) => void,
  onEnd: (record: RequestRecord) => void,
): JoinInRun {
  const join = new StreamingJoin();
  const records: RequestRecord[] = [];
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    join.readBegins();
    // Providers that died are noticed by watchForTrouble.
    const calls = await mock.journal().catch(() => undefined);
    for (const record of calls === undefined ? [] : join.readReturned(calls)) {
      records.push(record);
      onEnd(record);
    }
    for (const record of join.gaveUp()) onEnd(record);
    if (records.length > recordsMax) onTrouble(tooManyRecords);
  };
  const timer = setInterval(() => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
  }, journalReadEveryMs);
  return {
    record: (record) => join.record(record),
    finish: async () => {
      clearInterval(timer);
      await reading;
      return [...records, ...join.finish(await mock.journal().catch(() => []))];
    },
    stop: () => clearInterval(timer),
  };
}
