import { describe, expect, it } from "vitest";
import type { MetricReading } from "../../../behavior/scaling/policy.ts";
import { metricQueries, readingsFrom } from "../../../cli/prometheus/readings.ts";
import type { QueriedSeries } from "../../../gateways/prometheus/server.ts";

interface Asked {
  readonly expression: string;
  readonly atMs: number | undefined;
}

const spec = { scrapeMs: 5_000, windowMs: 30_000, lagMs: 2_000 };

async function read(
  answer: (expression: string) => readonly QueriedSeries[],
): Promise<{ readings: ReadonlyMap<string, MetricReading>; asked: Asked[] }> {
  const asked: Asked[] = [];
  const prometheus = {
    query: (expression: string, atMs?: number) => {
      asked.push({ expression, atMs });
      return Promise.resolve().then(() => answer(expression));
    },
  };
  const reading = readingsFrom({ prometheus, spec, timeScale: 10, scrapeMs: 500, wallMs: () => 1_000_000 });
  return { readings: await reading(60_000), asked };
}

const one = (value: number, labels: Readonly<Record<string, string>> = {}): QueriedSeries => ({
  labels,
  samples: [[0, value]],
});

describe("metrics read from a Prometheus", () => {
  it("are rates of scenario time over the window and one sample more, as old as the lag makes them", async () => {
    const { asked } = await read(() => []);
    expect(asked[0]).toEqual({ expression: "sum(rate(squall_fleet_requests_total[3500ms])) / 10", atMs: 999_800 });
    expect(asked.every(({ atMs }) => atMs === 999_800)).toBe(true);
    expect(metricQueries("[30s]", 1)[0]?.expression).toBe("sum(rate(squall_fleet_requests_total[30s]))");
  });

  it("have the names and units that policies know", async () => {
    const { readings } = await read((expression) => {
      if (expression.startsWith("max(")) return [one(0.25)];
      if (expression.includes("replica_cpu"))
        return [one(0.5, { replica: "gateway-0" }), one(1, { replica: "gateway-1" })];
      return expression.includes("fleet_requests") ? [one(4)] : [];
    });
    expect(readings.get("requests_per_second")).toEqual({ kind: "total", values: [4] });
    expect(readings.get("requests_per_minute")).toEqual({ kind: "total", values: [240] });
    expect(readings.get("token_usage_rate")).toEqual({ kind: "total", values: [25] });
    expect(readings.get("cpu_utilization")).toEqual({
      kind: "per-replica",
      samples: [
        { replica: "gateway-0", value: 50, takenAtMs: 58_000, windowMs: 30_000 },
        { replica: "gateway-1", value: 100, takenAtMs: 58_000, windowMs: 30_000 },
      ],
    });
  });

  it("are absent where nobody measured, and not where it measured nothing but a division by zero", async () => {
    const { readings } = await read((expression) =>
      expression === "sum(squall_queue_depth)" ? [one(Number.NaN)] : [],
    );
    expect(readings.has("queue_depth")).toBe(false);
    expect(readings.has("requests_per_second")).toBe(false);
    expect(readings.get("cpu")).toEqual({ kind: "per-replica", samples: [] });
  });

  it("have failed, in words, where Prometheus does not answer; the others are read all the same", async () => {
    const { readings } = await read((expression) => {
      if (expression.startsWith("max(")) throw new Error("too busy");
      return [one(1)];
    });
    expect(readings.get("token_usage_rate")).toEqual({ kind: "failed", why: "too busy" });
    expect(readings.get("rps")).toEqual({ kind: "total", values: [1] });
  });
});
