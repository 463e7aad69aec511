/** What HAProxy counts: the part of `show stat` that a fleet goes by (management guide 2.6, section 9.1: CSV with a head line). */
import { slotPrefix } from "./config.ts";

export interface HaproxyCounts {
  /** Requests that came in, those turned away included. */
  readonly arrived: number;
  /** Requests that wait for a replica with room. */
  readonly waiting: number;
  /**
   * Most that waited at one instant, since its maxima were forgotten: no fewer, and no more. It knows the longest that each queue
   * was, and not whether several were so at the same time.
   */
  readonly mostWaiting: readonly [atLeast: number, atMost: number];
  /** By number of the slot, from 1 on. */
  readonly slots: ReadonlyMap<number, SlotCounts>;
}

export interface SlotCounts {
  readonly inFlight: number;
  /** Requests given to it since HAProxy started, whoever lived there. */
  readonly taken: number;
}

export function parseStatistics(csv: string): HaproxyCounts {
  const [head = "", ...lines] = csv.split("\n");
  const columns = head.replace(/^# /, "").split(",");
  const rows = lines.map((line) => {
    const cells = line.split(",");
    return (name: string): string => cells[columns.indexOf(name)] ?? "";
  });
  const frontend = rows.find((cell) => cell("svname") === "FRONTEND");
  // A backend's queue holds requests without a server, a server's those that found it full just then.
  const queues = rows.filter((cell) => cell("svname") !== "FRONTEND");
  const slots = rows.flatMap((cell) => {
    const slot = new RegExp(`^${slotPrefix}(\\d+)$`).exec(cell("svname"))?.[1];
    if (slot === undefined) return [];
    return [[Number(slot), { inFlight: Number(cell("scur")), taken: Number(cell("lbtot")) }] as const];
  });
  const longest = queues.map((cell) => Number(cell("qmax")));
  return {
    arrived: Number(frontend?.("req_tot") ?? 0),
    waiting: queues.reduce((sum, cell) => sum + Number(cell("qcur")), 0),
    mostWaiting: [Math.max(0, ...longest), longest.reduce((sum, length) => sum + length, 0)],
    slots: new Map(slots),
  };
}
