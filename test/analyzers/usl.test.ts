import { describe, expect, it } from "vitest";
import { fitUsl, type LoadPoint, loadsNeeded } from "../../analyzers/usl.ts";
import { randomStream } from "../../core/random.ts";

const law = ({ gamma, alpha, beta }: { gamma: number; alpha: number; beta: number }, load: number): number =>
  (gamma * load) / (1 + alpha * (load - 1) + beta * load * (load - 1));

function planted(
  parameters: { gamma: number; alpha: number; beta: number },
  noise: number,
  loads = [1, 2, 4, 8, 16, 32, 48],
): LoadPoint[] {
  const random = randomStream(4);
  return loads.map((load) => ({ load, throughput: law(parameters, load) * Math.exp(noise * random.normal()) }));
}

describe("the Universal Scalability Law", () => {
  it("finds parameters that were planted", () => {
    const fit = fitUsl(planted({ gamma: 90, alpha: 0.03, beta: 0.0004 }, 0), randomStream(1));
    expect(fit?.gamma).toBeCloseTo(90, 6);
    expect(fit?.alpha).toBeCloseTo(0.03, 8);
    expect(fit?.beta).toBeCloseTo(0.0004, 10);
    expect(fit?.peakLoad).toBeCloseTo(Math.sqrt(0.97 / 0.0004), 4);
    expect(fit?.rSquared).toBeCloseTo(1, 10);
  });

  it("finds a contention of about 0.05 in the ray tracer benchmark of Gunther's book", () => {
    // Gunther, "Guerrilla Capacity Planning" (2007), chapter 5; the data set `raytracer` of R's package usl (recalled).
    const points = [
      [1, 20],
      [4, 78],
      [8, 130],
      [12, 170],
      [16, 190],
      [20, 200],
      [24, 210],
      [28, 230],
      [32, 260],
      [48, 280],
      [64, 310],
    ].map(([load = 0, throughput = 0]) => ({ load, throughput }));
    const fit = fitUsl(points, randomStream(1));
    expect(fit?.alpha).toBeGreaterThan(0.03);
    expect(fit?.alpha).toBeLessThan(0.07);
    expect(fit?.beta).toBeLessThan(0.0002);
    expect(fit?.at(16)).toBeGreaterThan(170);
    expect(fit?.at(16)).toBeLessThan(200);
  });

  it("has intervals that hold the truth when the measurements are noisy", () => {
    const fit = fitUsl(planted({ gamma: 90, alpha: 0.05, beta: 0.001 }, 0.02), randomStream(1));
    expect(fit?.intervals.gamma[0]).toBeLessThan(90);
    expect(fit?.intervals.gamma[1]).toBeGreaterThan(90);
    expect(fit?.peakInterval[0]).toBeLessThan(Math.sqrt(0.95 / 0.001));
    expect(fit?.peakInterval[1]).toBeGreaterThan(Math.sqrt(0.95 / 0.001));
  });

  it("sees no peak where throughput grows in a straight line", () => {
    const fit = fitUsl(planted({ gamma: 10, alpha: 0, beta: 0 }, 0), randomStream(1));
    expect(fit?.peakLoad).toBeUndefined();
    expect(fit?.alpha).toBeCloseTo(0, 10);
  });

  it("says nothing beyond twice the largest load, and nothing at all from fewer than six", () => {
    const points = planted({ gamma: 90, alpha: 0.03, beta: 0.0004 }, 0);
    const fit = fitUsl(points, randomStream(1));
    expect(fit?.at(96)).toBeDefined();
    expect(fit?.at(97)).toBeUndefined();
    expect(loadsNeeded).toBe(6);
    expect(fitUsl(points.slice(0, 5), randomStream(1))).toBeUndefined();
    expect(fitUsl(points.with(2, { load: 4, throughput: 0 }), randomStream(1))).toBeUndefined();
  });

  it("says nothing beyond twice the largest load, neither a value nor an interval", () => {
    const fit = fitUsl(planted({ gamma: 90, alpha: 0.03, beta: 0.0004 }, 0.05), randomStream(1));
    const [low = 0, high = 0] = fit?.between(96) ?? [];
    expect(low).toBeLessThan(fit?.at(96) ?? 0);
    expect(high).toBeGreaterThan(fit?.at(96) ?? 0);
    expect(fit?.at(96.1)).toBeUndefined();
    expect(fit?.between(96.1)).toBeUndefined();
  });
});
