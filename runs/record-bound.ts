/** How many records a run may have: it is held in memory whole, and analyzed there. */
import { getHeapStatistics } from "node:v8";

/** Measured: 7.2 million records of a simulation, analyzed, were 4.25 GB resident. */
const bytesPerRecord = 600;

/** What Node's heap has room for; some 7 million by default on a machine with memory enough (`--max-old-space-size`). */
export const recordsMax: number = Math.floor(getHeapStatistics().heap_size_limit / bytesPerRecord);

export const tooManyRecords: string = `more than ${recordsMax} requests, which is what this machine can hold in memory`;
