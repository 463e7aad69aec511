/** What the tests of the engine share: short ways to write phases and options. */
import type { PlannedRequest, WorkloadPhase } from "../../../behavior/workload.ts";
import type { RequestRecord } from "../../../core/record.ts";
import type { LoadOptions, LoadProgress } from "../../../load/engine.ts";
import type { ScriptedServer } from "../scripted-server.ts";

export function open(
  requests: readonly PlannedRequest[],
  fields: { name?: "warmup" | "baseline" | "load"; durationMs?: number } = {},
): WorkloadPhase {
  return { kind: "open", name: "load", durationMs: 0, arrivals: () => requests, ...fields };
}

export function closed(users: number, script: (user: number) => Iterable<PlannedRequest>): WorkloadPhase {
  return { kind: "closed", name: "load", users, script, startMs: () => 0, durationMs: undefined };
}

export interface Played {
  readonly records: RequestRecord[];
  readonly progress: LoadProgress[];
  readonly options: LoadOptions;
}

/** Options that play the phases against the server, and what the engine then tells. `timeoutMs`: of the client. */
export function played(
  server: ScriptedServer,
  phases: readonly WorkloadPhase[],
  timeoutMs = 20_000,
  fields: Partial<LoadOptions> = {},
): Played {
  const records: RequestRecord[] = [];
  const progress: LoadProgress[] = [];
  return {
    records,
    progress,
    options: {
      workload: { phases, client: { timeoutMs } },
      target: { call: (model) => ({ url: server.url(model), headers: { authorization: "Bearer key" } }) },
      timeScale: 1,
      onRecord: (record) => records.push(record),
      onProgress: (seen) => progress.push(seen),
      signal: new AbortController().signal,
      limits: { maxInFlight: 100, maxConnections: 100 },
      ...fields,
    },
  };
}
