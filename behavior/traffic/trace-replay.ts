/**
 * Replaying a trace: every row is a request, sent on its own instant with its own token counts, both scaled where a scenario
 * says so.
 *
 * A request keeps the key of its row whichever window is replayed, so a live run of five minutes and a simulation of the
 * whole trace can be compared record for record.
 */
import { invalidInput } from "../../core/errors.ts";
import { invariant } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { TraceLoad, Traffic } from "../../core/scenario/traffic-spec.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import type { OpenPhase, PlannedRequest } from "../workload.ts";
import { oneByOne } from "./one-by-one.ts";
import { byShare, grownTokens, leavingOf, plannedSingle, promptTokensMax } from "./request-mix.ts";
import type { TraceRows } from "./trace-rows.ts";

/** The rows within a window [from, to) of trace time, re-based so that the window starts at 0; undefined: all rows. */
export function tracePhase(
  traffic: Traffic,
  rows: TraceRows,
  windowMs: readonly [Ms, Ms] | undefined,
  random: RandomStream,
): OpenPhase {
  const lastMs = rows.atMs.at(-1) ?? 0;
  const [fromMs, toMs] = windowMs ?? [0, Number.POSITIVE_INFINITY];
  const begin = firstRowFrom(rows, fromMs);
  const end = firstRowFrom(rows, toMs);
  if (begin >= end) {
    const window = `from ${formatDuration(fromMs)} to ${formatDuration(toMs)}`;
    throw invalidInput(
      `no request of the trace is in the window ${window}; its last one comes at ${formatDuration(lastMs)}`,
      {
        code: "trace-window-empty",
        hint: "choose a window such as 0..5m",
      },
    );
  }
  const requestOf = rowRequests(traffic, rows, random);
  const speed = traceLoad(traffic)?.speed ?? 1;
  return {
    kind: "open",
    name: "load",
    durationMs: (Math.min(toMs, lastMs) - fromMs) / speed,
    arrivals: () =>
      oneByOne((index) => {
        const row = begin + index;
        const atMs = ((rows.atMs[row] ?? 0) - fromMs) / speed;
        return row < end ? requestOf(row, { key: `r${row}`, atMs }) : undefined;
      }),
  };
}

/** Rows as requests: model, streaming and limits from the scenario's first shape, tenant and client by share. */
export function rowRequests(
  traffic: Traffic,
  rows: TraceRows,
  random: RandomStream,
): (row: number, sent: { readonly key: string; readonly atMs: Ms }) => PlannedRequest {
  const [shape] = traffic.requests;
  invariant(shape !== undefined, "traffic has at least one request shape");
  const tenants = random.split("tenant");
  const leaves = random.split("leave");
  const leaving = leavingOf(traffic);
  const tenantOf = (key: string): string => byShare(traffic.tenants, () => tenants.visit(key).uniform()).name;
  const onlyTenant = traffic.tenants.length === 1 ? tenantOf("") : undefined;
  const lengths = traceLoad(traffic)?.lengths;
  const scaled = (tokens: number): number =>
    lengths === undefined ? tokens : Math.max(1, Math.min(promptTokensMax, Math.round(tokens * lengths)));
  const blocksOf = blocksByRow(rows);
  return (row, { key, atMs }) => {
    const planned = plannedSingle(shape, key, {
      tenant: onlyTenant ?? tenantOf(key),
      inputTokens: grownTokens(shape, scaled(rows.inputTokens[row] ?? 0), atMs),
      outputTokens: scaled(rows.outputTokens[row] ?? 0),
      leaveAfterMs: leaving?.(leaves.visit(key)),
      atMs,
    });
    const prefixBlocks = blocksOf?.(row);
    return prefixBlocks === undefined ? planned : { ...planned, prefixBlocks };
  };
}

/** Names of the blocks of each row's prompt; undefined: the trace has none. */
function blocksByRow({ count, prefixBlocks, blockNames }: TraceRows): ((row: number) => readonly number[]) | undefined {
  if (blockNames === undefined) return undefined;
  const starts = new Float64Array(count + 1);
  for (let row = 0; row < count; row++) starts[row + 1] = (starts[row] ?? 0) + (prefixBlocks[row] ?? 0);
  return (row) => [...blockNames.subarray(starts[row] ?? 0, starts[row + 1] ?? 0)];
}

function traceLoad({ load }: Traffic): TraceLoad | undefined {
  return load.kind === "trace" ? load : undefined;
}

/** First row at or after an instant, by bisection; `count` when there is none. */
function firstRowFrom(rows: TraceRows, atMs: Ms): number {
  let low = 0;
  let high = rows.count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((rows.atMs[middle] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
