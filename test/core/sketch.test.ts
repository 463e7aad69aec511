import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../core/random.ts";
import { LatencySketch, sketchAccuracy } from "../../core/sketch.ts";

const latencies = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 200 });
const quantiles = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1];

function sketchOf(samples: readonly number[]): LatencySketch {
  const sketch = new LatencySketch();
  for (const sample of samples) sketch.add(sample);
  return sketch;
}

/** The sample of rank floor(q (n - 1)), which is the one a sketch promises to be near. */
function ranked(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}

describe("LatencySketch", () => {
  it("is within its accuracy of the true quantile, for any samples", () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(...quantiles), (samples, q) => {
        const truth = ranked(samples, q);
        const estimate = sketchOf(samples).quantile(q) ?? Number.NaN;
        return Math.abs(estimate - truth) <= truth * sketchAccuracy * (1 + 1e-9);
      }),
      { seed: 1 },
    );
  });

  it("gives the smallest and the largest sample exactly", () => {
    const sketch = sketchOf([3.7, 812.5, 41]);
    expect([sketch.quantile(0), sketch.quantile(1)]).toEqual([3.7, 812.5]);
  });

  it("merges to the very sketch of all samples, in any order", () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const [merged, reversed] = [sketchOf(left), sketchOf(right)];
        merged.merge(sketchOf(right));
        reversed.merge(sketchOf(left));
        const whole = sketchOf([...left, ...right]);
        for (const each of [merged, reversed]) {
          expect(each.toJSON()).toEqual({ ...whole.toJSON(), sumMs: expect.closeTo(whole.toJSON().sumMs, 3) });
        }
      }),
      { seed: 1 },
    );
  });

  it("is not changed by being merged into another", () => {
    const [into, from] = [new LatencySketch(), sketchOf([5, 6])];
    into.merge(from);
    into.add(900);
    expect([from.count, from.quantile(1), into.count]).toEqual([2, 6, 3]);
  });

  it("comes back from JSON text as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { maxLength: 100 }), (samples) => {
        const sketch = sketchOf(samples);
        const restored = LatencySketch.fromJSON(JSON.parse(JSON.stringify(sketch)));
        expect(restored.toJSON()).toEqual(sketch.toJSON());
        expect(quantiles.map((q) => restored.quantile(q))).toEqual(quantiles.map((q) => sketch.quantile(q)));
        expect(restored.meanMs).toBe(sketch.meanMs);
      }),
      { seed: 1 },
    );
  });

  it("keeps a million samples in a few hundred bins", () => {
    const random = randomStream(31);
    const sketch = new LatencySketch();
    for (let sample = 0; sample < 1_000_000; sample++) sketch.add(300 * Math.exp(random.normal()));
    expect(sketch.count).toBe(1_000_000);
    expect(sketch.toJSON().bins.length).toBeLessThan(1_100);
  });

  it("has no quantile and no mean when it is empty", () => {
    const empty = new LatencySketch();
    expect([empty.count, empty.quantile(0.5), empty.meanMs]).toEqual([0, undefined, undefined]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d, which is no latency", (latencyMs) => {
    expect(() => new LatencySketch().add(latencyMs)).toThrow("finite and not negative");
  });

  it("refuses a stored sketch of another accuracy rather than blending it in", () => {
    const json = { ...sketchOf([1]).toJSON(), accuracy: 0.02 };
    expect(() => LatencySketch.fromJSON(json)).toThrow("accuracy");
  });
});
