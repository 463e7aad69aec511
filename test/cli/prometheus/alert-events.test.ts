import { describe, expect, it } from "vitest";
import { alertEventsOf } from "../../../cli/prometheus/alert-events.ts";

/** A second on the wall is ten of the scenario, which began at 1,000 s; asked every 500 ms. */
const span = {
  scrapeMs: 500,
  timeScale: 10,
  endMs: 100_000,
  scenarioMs: (wallMs: number) => (wallMs - 1_000_000) * 10,
};
const firing = (fromMs: number, count: number): readonly (readonly [number, number])[] =>
  Array.from({ length: count }, (_, index) => [1_000_000 + fromMs + index * 500, 1]);
const labels = { __name__: "ALERTS", alertname: "ManyErrors", alertstate: "firing", severity: "critical" };

describe("alerts of a Prometheus as events", () => {
  it("fire at their first evaluation and end one after their last, in scenario time", () => {
    expect(alertEventsOf([{ labels, samples: firing(2_000, 3) }], span)).toEqual([
      { atMs: 20_000, kind: "alert-fires", subject: "ManyErrors", text: "ManyErrors fires (critical, by Prometheus)" },
      { atMs: 35_000, kind: "alert-ends", subject: "ManyErrors", text: "ManyErrors ends (critical, by Prometheus)" },
    ]);
  });

  it("fire again after a break, and not because one evaluation is late or missing", () => {
    const samples = [...firing(1_000, 2), ...firing(2_500, 1), ...firing(6_000, 2)];
    const events = alertEventsOf([{ labels, samples }], span);
    expect(events.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ["alert-fires", 10_000],
      ["alert-ends", 30_000],
      ["alert-fires", 60_000],
      ["alert-ends", 70_000],
    ]);
  });

  it("do not end where they fired to the end of the run, nor begin behind it", () => {
    const still = alertEventsOf([{ labels, samples: firing(9_000, 2) }], span);
    expect(still.map(({ kind }) => kind)).toEqual(["alert-fires"]);
    expect(alertEventsOf([{ labels, samples: firing(10_500, 2) }], span)).toEqual([]);
  });

  it("say for whom they fire, each for itself", () => {
    const of = (slo: string): object => ({ labels: { ...labels, slo }, samples: firing(1_000, 1) });
    const texts = alertEventsOf([of("fast"), of("sound")] as Parameters<typeof alertEventsOf>[0], span).map(
      ({ text }) => text,
    );
    expect(texts[0]).toBe("ManyErrors fires for fast (critical, by Prometheus)");
    expect(texts[2]).toBe("ManyErrors fires for sound (critical, by Prometheus)");
  });
});
