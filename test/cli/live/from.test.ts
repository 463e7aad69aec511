import { describe, expect, it } from "vitest";
import type { PlannedRequest, Workload } from "../../../behavior/workload.ts";
import { eventFrom, faultFrom, workloadFrom } from "../../../cli/live/from.ts";

const planned = (key: string, atMs: number): PlannedRequest => ({
  key,
  tenant: "default",
  session: key,
  turn: 0,
  model: "gpt-4o-mini",
  stream: true,
  inputTokens: 1,
  cachedTokens: 0,
  outputTokens: 1,
  maxOutputTokens: undefined,
  atMs,
  thinkMs: 0,
});

const workload: Workload = {
  client: { timeoutMs: 1_000 },
  phases: [
    { kind: "open", name: "warmup", durationMs: 0, arrivals: () => [planned("w0", 0)] },
    {
      kind: "open",
      name: "load",
      durationMs: 9_000,
      arrivals: () => [0, 3_999, 4_000, 8_000].map((at) => planned(`r${at}`, at)),
    },
  ],
};

describe("a live run that goes on", () => {
  it("sends what was still to come, at the distance that it had", () => {
    expect(workloadFrom(workload, 0)).toBe(workload);
    const [load, ...others] = workloadFrom(workload, 4_000).phases;
    expect(others).toEqual([]);
    expect(load).toMatchObject({ name: "load", durationMs: 5_000 });
    const arrivals = load?.kind === "open" ? [...load.arrivals()] : [];
    expect(arrivals.map(({ key, atMs }) => [key, atMs])).toEqual([
      ["r4000", 0],
      ["r8000", 4_000],
    ]);
  });

  it("shortens a phase of people, who begin anew", () => {
    const script = (): readonly PlannedRequest[] => [];
    const closed = { kind: "closed", name: "load", users: 2, script, startMs: () => 0, durationMs: 9_000 } as const;
    expect(workloadFrom({ ...workload, phases: [closed] }, 4_000).phases).toMatchObject([
      { users: 2, durationMs: 5_000 },
    ]);
  });

  const outage = {
    fault: { provider: "azure", model: undefined, share: 1, kind: "outage", how: "status", status: 503 },
  } as const;

  it.each([
    ["is to come", { atMs: 6_000, forMs: 1_000 }, { atMs: 6_000, forMs: 1_000 }],
    ["lasts on", { atMs: 1_000, forMs: 4_000 }, { atMs: 4_000, forMs: 1_000 }],
    ["never ends", { atMs: 1_000, forMs: undefined }, { atMs: 4_000, forMs: undefined }],
    ["is over", { atMs: 1_000, forMs: 3_000 }, undefined],
  ])("knows a fault that %s", (_, entry, stands) => {
    expect(faultFrom({ ...outage, ...entry }, 4_000)).toEqual(
      stands === undefined ? undefined : { ...outage, ...stands },
    );
    const action = { kind: "admit", requests: false } as const;
    expect(eventFrom({ action, ...entry }, 4_000)).toEqual(stands === undefined ? undefined : { action, ...stands });
  });

  it("loses replicas again only until they were to be replaced", () => {
    const loss = (atMs: number): ReturnType<typeof eventFrom> =>
      eventFrom({ atMs, forMs: undefined, action: { kind: "node-loss", replicas: 2, replacedAfterMs: 2_000 } }, 4_000);
    expect(loss(3_000)).toMatchObject({ atMs: 4_000, action: { replacedAfterMs: 1_000 } });
    expect(loss(2_000)).toBeUndefined();
  });
});
