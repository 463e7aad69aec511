/** A trace that is read once and lies in memory once, however many worker threads replay it. */
import type { TraceRows } from "../../behavior/traffic/trace.ts";

/** The same rows in shared memory: handing them to a worker copies nothing. */
export function inSharedMemory(rows: TraceRows): TraceRows {
  const { count, atMs, inputTokens, outputTokens, prefixBlocks, blockNames } = rows;
  return {
    ...rows,
    count,
    atMs: sharedFloats(atMs),
    inputTokens: sharedWhole(inputTokens),
    outputTokens: sharedWhole(outputTokens),
    prefixBlocks: sharedWhole(prefixBlocks),
    ...(blockNames === undefined ? {} : { blockNames: sharedWhole(blockNames) }),
  };
}

function sharedFloats(column: Float64Array): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(column.byteLength));
  shared.set(column);
  return shared;
}

function sharedWhole(column: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(column.byteLength));
  shared.set(column);
  return shared;
}
