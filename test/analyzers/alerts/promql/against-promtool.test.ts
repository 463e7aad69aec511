/**
 * Our evaluator against the real one. Series with gaps, resets and ends are drawn from a fixed seed, our answers to a set of
 * queries become the expectations of one `promtool test rules`, and promtool has to agree with all of them.
 *
 * Both sides are rounded to 2^-20, since the order in which a sum adds up is nobody's promise.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Element, evaluate, vectorOf } from "../../../../analyzers/alerts/promql/evaluate.ts";
import {
  binary,
  type Expression,
  increase,
  isNoneOf,
  isOneOf,
  latest,
  max,
  number,
  quantile,
  rate,
  sum,
} from "../../../../analyzers/alerts/promql/expression.ts";
import { printExpression } from "../../../../analyzers/alerts/promql/print.ts";
import { type Labels, type Sample, SeriesStore } from "../../../../analyzers/alerts/promql/series-store.ts";
import { seriesName, seriesNotation } from "../../../../analyzers/alerts/export/series-notation.ts";
import { promtool, promtoolMajor, whyNoPromtool } from "../promtool.ts";

const seed = 20_261_121;
const intervalMs = 15_000;
const samplesEach = 60;
const grain = 2 ** -20;

interface Drawn {
  readonly name: string;
  readonly labels: Labels;
  readonly values: readonly (number | undefined)[];
}

describe("the evaluator of queries", () => {
  it.skipIf(whyNoPromtool !== undefined)(
    `answers as promtool does${whyNoPromtool === undefined ? "" : ` (skipped: ${whyNoPromtool})`}`,
    async () => {
      const tests = fc.sample(world(), { numRuns: 8, seed }).map((drawn, index) => testOf(drawn, index));
      const asked = tests.reduce((count, test) => count + test.promql_expr_test.length, 0);
      expect(asked).toBeGreaterThan(1_000);
      expect(
        tests.flatMap((test) => test.promql_expr_test).filter((each) => each.exp_samples.length > 0).length,
      ).toBeGreaterThan(500);
      const { ok, output } = await promtool({ "test.yaml": { rule_files: [], tests } }, "test", "rules", "test.yaml");
      expect(output.slice(0, 3_000)).toContain("SUCCESS");
      expect(ok).toBe(true);
    },
  );
});

const queries: readonly Expression[] = [
  rate("calls_total", 60_000),
  rate("calls_total", 300_000),
  increase("calls_total", 75_000, [isOneOf("zone", "a")]),
  rate("calls_total", 120_000, [isNoneOf("zone", "a")], 60_000),
  sum(rate("calls_total", 300_000), ["kind"]),
  sum(increase("calls_total", 150_000, [isOneOf("kind", "x", "y.z")])),
  max(latest("depth"), ["zone"]),
  latest("depth", [], 45_000),
  binary(latest("depth"), ">", number(12)),
  binary(sum(latest("depth"), ["zone"]), "-", binary(number(2), "*", sum(latest("depth", [], 60_000), ["zone"]))),
  binary(
    sum(rate("calls_total", 300_000, [isOneOf("kind", "x")]), ["zone"]),
    "/",
    sum(rate("calls_total", 300_000), ["zone"]),
  ),
  binary(sum(latest("depth"), ["zone"]), "and", sum(rate("calls_total", 60_000), ["zone"])),
  binary(sum(latest("depth"), ["zone"]), "or", sum(rate("calls_total", 60_000), ["zone"])),
  binary(
    sum(latest("depth"), ["zone"]),
    "unless",
    binary(sum(rate("calls_total", 60_000), ["zone"]), ">=", number(0.1)),
  ),
  quantile(0.95, sum(rate("wait_seconds_bucket", 300_000), ["le"])),
  quantile(0.5, sum(rate("wait_seconds_bucket", 120_000), ["le", "zone"])),
];

function testOf(drawn: readonly Drawn[], index: number) {
  const store = new SeriesStore(3_600_000);
  for (let at = 0; at < samplesEach; at++) {
    // Each series is a source of its own: a gap in promtool's notation is a scrape that never was, and not an end.
    for (const [source, { name, labels, values }] of drawn.entries()) {
      const value = values[at];
      const samples: Sample[] = value === undefined ? [] : [{ name, labels, value }];
      if (samples.length > 0) store.append(String(source), at * intervalMs, samples);
    }
  }
  // Some on the clock of the scrapes, some between, some when all has ended.
  const instantsMs = [
    0, 15_000, 60_000, 300_000, 301_000, 437_000, 600_000, 743_001, 885_000, 1_100_000, 1_185_000, 1_186_000,
  ];
  return {
    name: `world ${index}`,
    interval: `${intervalMs / 1000}s`,
    input_series: drawn.map(({ name, labels, values }) => ({
      series: seriesName(name, labels),
      values: seriesNotation(values),
    })),
    promql_expr_test: queries.flatMap((query) =>
      instantsMs.flatMap((atMs) => {
        const found = vectorOf(evaluate(query, { store, atMs, major: promtoolMajor }));
        // NaN equals nothing, not even for promtool.
        if (found.some(({ value }) => Number.isNaN(value))) return [];
        return [
          {
            expr: `round(${printExpression(query)}, ${grain})`,
            eval_time: `${atMs}ms`,
            exp_samples: found.map(expected),
          },
        ];
      }),
    ),
  };
}

function expected({ labels, value }: Element): { readonly labels: string; readonly value: number } {
  return { labels: seriesName("", labels) || "{}", value: Math.floor(value / grain + 0.5) * grain };
}

function world(): fc.Arbitrary<readonly Drawn[]> {
  const pairs = [
    ["a", "x"],
    ["a", "y.z"],
    ["b", "x"],
    ["b", "w"],
  ] as const;
  const bounds = ["0.5", "1", "2.5", "+Inf"];
  return fc
    .tuple(
      fc.tuple(
        ...pairs.map(([zone, kind]) =>
          counter().map((values) => ({ name: "calls_total", labels: { zone, kind }, values })),
        ),
      ),
      fc.tuple(
        ...["a", "b", "c"].map((zone) => gauge().map((values) => ({ name: "depth", labels: { zone }, values }))),
      ),
      fc.tuple(
        ...["a", "b"].map((zone) =>
          buckets(bounds.length).map((all) =>
            all.map((values, index) => ({
              name: "wait_seconds_bucket",
              labels: { zone, le: bounds[index] ?? "" },
              values,
            })),
          ),
        ),
      ),
    )
    .map(([counters, gauges, histograms]) => [...counters, ...gauges, ...histograms.flat()]);
}

/** Grows, is sometimes not there, sometimes starts again; may come late and go early. */
function counter(): fc.Arbitrary<readonly (number | undefined)[]> {
  const step = fc.record({
    grows: fc.oneof({ weight: 3, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(0) }),
    isMissing: fc.integer({ min: 0, max: 11 }).map((n) => n === 0),
    resets: fc.integer({ min: 0, max: 24 }).map((n) => n === 0),
  });
  return fc
    .record({
      from: fc.nat(12),
      until: fc.integer({ min: 30, max: samplesEach }),
      startsAt: fc.nat(500),
      steps: fc.array(step, { minLength: samplesEach, maxLength: samplesEach }),
    })
    .map(({ from, until, startsAt, steps }) => {
      let value = startsAt;
      return steps.map(({ grows, isMissing, resets }, index) => {
        value = resets ? grows : value + grows;
        return isMissing || index < from || index >= until ? undefined : value;
      });
    });
}

function gauge(): fc.Arbitrary<readonly (number | undefined)[]> {
  return fc.array(fc.option(fc.nat(30), { freq: 9, nil: undefined }), {
    minLength: samplesEach,
    maxLength: samplesEach,
  });
}

function buckets(count: number): fc.Arbitrary<readonly (readonly number[])[]> {
  return fc
    .array(fc.array(fc.nat(6), { minLength: count, maxLength: count }), {
      minLength: samplesEach,
      maxLength: samplesEach,
    })
    .map((grown) => {
      const totals = Array.from({ length: count }, () => 0);
      const rows = grown.map((row) => {
        for (const [index, more] of row.entries()) totals[index] = (totals[index] ?? 0) + more;
        return totals.map((_, index) => totals.slice(0, index + 1).reduce((sum, each) => sum + each, 0));
      });
      return Array.from({ length: count }, (_, index) => rows.map((row) => row[index] ?? 0));
    });
}
